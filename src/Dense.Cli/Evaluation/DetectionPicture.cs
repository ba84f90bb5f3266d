using System.Globalization;
using System.Text;
using Dense.Coco;
using Dense.Coco.Annotations;
using Dense.Coco.Errors;
using Dense.Coco.Evaluation;
using Dense.Coco.Masks;
using Dense.Coco.Results;
using CocoDetection = Dense.Coco.Results.Detection;

namespace Dense.Cli.Evaluation;

/// <summary>Draws ground truth and detections over an image, as SVG: sharp at every size.</summary>
internal sealed class DetectionPicture
{
    // Weaker wrong detections would hide the picture.
    private const double ShownScore = 0.3;

    private const string Found = "#2ca02c";
    private const string NotFound = "#ffd500";
    private const string Right = "#1f77ff";
    private const string Wrong = "#e8262a";

    private readonly CocoDataset _dataset;
    private readonly DetectionList _detections;
    private readonly bool _masks;
    private readonly Dictionary<long, string> _categories = [];
    private readonly ILookup<long, int> _annotations;
    private readonly ILookup<long, int> _right;
    private readonly ILookup<long, DetectionError> _errors;

    public DetectionPicture(CocoDataset dataset, DetectionList detections, EvaluationTask task, ErrorBreakdown errors)
    {
        (_dataset, _detections, _masks) = (dataset, detections, task == EvaluationTask.Mask);
        foreach (CocoCategory category in dataset.Categories)
            _categories[category.Id] = category.Name;

        _annotations = Enumerable.Range(0, dataset.Annotations.Count).ToLookup(i => dataset.Annotations[i].ImageId);
        _right = errors.RightDetections.ToLookup(i => detections[i].ImageId);
        _errors = errors.Errors.ToLookup(e => e.ImageId);
    }

    /// <summary>What the colours mean.</summary>
    public static string Legend { get; } =
        $"<p>Objects: <b style=\"color:{Found}\">found</b>, <b style=\"background:#444;color:{NotFound}\">missed</b>. "
        + $"Detections: <b style=\"color:{Right}\">right</b>, <b style=\"color:{Wrong}\">wrong</b> with the kind of "
        + "error "
        + $"(from score {ShownScore.ToString(CultureInfo.InvariantCulture)} on). Rest the pointer on a box for its "
        + "class.</p>";

    /// <summary>The picture of one image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="href">Address of its file, relative to the page; null when there is none.</param>
    public string Svg(CocoImage image, string? href)
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {image.Width} {image.Height}\">");
        if (href is not null)
            svg.Append(CultureInfo.InvariantCulture,
                $"<image href=\"{HtmlPage.Text(href)}\" width=\"{image.Width}\" height=\"{image.Height}\"/>");

        HashSet<int> missed = [.. _errors[image.Id].Where(e => e.Kind == ErrorKind.Missed).Select(e => e.Annotation)];
        foreach (int index in _annotations[image.Id])
        {
            CocoAnnotation a = _dataset.Annotations[index];
            bool isMissed = missed.Contains(index);
            Draw(svg, image, a.Box, a.Segmentation, isMissed
                ? NotFound : Found, Name(a.CategoryId), isLabelShown: isMissed);
        }

        foreach (int index in _right[image.Id])
        {
            CocoDetection d = _detections[index];
            Draw(svg, image, d.Box, d.Segmentation, Right, $"{Name(d.CategoryId)} {Score(d.Score)}",
                isLabelShown: false);
        }

        foreach (DetectionError error in _errors[image.Id].Where(e => e.Detection >= 0 && e.Score >= ShownScore))
        {
            CocoDetection d = _detections[error.Detection];
            string label = $"{Name(d.CategoryId)} {Score(d.Score)}: {ErrorText.Of(error.Kind)}";
            Draw(svg, image, d.Box, d.Segmentation, Wrong, label, isLabelShown: true);
        }

        return svg.Append("</svg>").ToString();
    }

    // A label that is not shown appears when the pointer rests on the box.
    private void Draw(
        StringBuilder svg,
        CocoImage image,
        BoxXywh? box,
        Segmentation segmentation,
        string colour,
        string label,
        bool isLabelShown)
    {
        double unit = image.Width / 500.0;
        if (_masks && segmentation.Kind != SegmentationKind.None)
        {
            RunLengthMask mask = segmentation.ToMask(image.Height, image.Width);
            box = mask.TightBox;
            svg.Append(CultureInfo.InvariantCulture,
                $"<path fill=\"{colour}\" fill-opacity=\"0.35\" d=\"{MaskPath(mask)}\"/>");
        }

        if (box is not { } b)
            return;

        svg.Append(CultureInfo.InvariantCulture,
            $"<rect x=\"{b.X:0.#}\" y=\"{b.Y:0.#}\" width=\"{Math.Max(0, b.Width):0.#}\" ")
            .Append(CultureInfo.InvariantCulture, $"height=\"{Math.Max(0, b.Height):0.#}\" fill=\"none\" ")
            .Append(CultureInfo.InvariantCulture,
                $"pointer-events=\"all\" stroke=\"{colour}\" stroke-width=\"{1.6 * unit:0.##}\"><title>")
            .Append(HtmlPage.Text(label)).Append("</title></rect>");
        if (isLabelShown)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{b.X + 2 * unit:0.#}\" "
                + $"y=\"{Math.Max(b.Y, 0) + 11 * unit:0.#}\" font-size=\"{10 * unit:0.#}\" ")
                .Append("font-family=\"system-ui,sans-serif\" paint-order=\"stroke\" ")
                .Append(CultureInfo.InvariantCulture,
                    $"fill=\"{(colour == NotFound ? "#222" : "#fff")}\" stroke=\"{colour}\" ")
                .Append(CultureInfo.InvariantCulture, $"stroke-width=\"{3 * unit:0.#}\">")
                .Append(HtmlPage.Text(label)).Append("</text>");
        }
    }

    // Each run of foreground, cut at the ends of columns, is a bar one pixel wide.
    private static string MaskPath(RunLengthMask mask)
    {
        var path = new StringBuilder();
        long position = 0;
        uint[] counts = mask.ToCounts();
        for (int i = 0; i < counts.Length; position += counts[i], i++)
        {
            if (i % 2 == 0)
                continue;

            for (long start = position, end = position + counts[i]; start < end;)
            {
                (long column, long row) = Math.DivRem(start, mask.Height);
                long length = Math.Min(end - start, mask.Height - row);
                path.Append(CultureInfo.InvariantCulture, $"M{column} {row}h1v{length}h-1z");
                start += length;
            }
        }

        return path.ToString();
    }

    // With a single class its name says nothing.
    private string Name(long categoryId) =>
        _categories.Count == 1 ? "" : _categories.GetValueOrDefault(categoryId, $"category {categoryId}");

    private static string Score(double score) => score.ToString("0.00", CultureInfo.InvariantCulture);
}
