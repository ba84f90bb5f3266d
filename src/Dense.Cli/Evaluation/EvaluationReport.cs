using System.Globalization;
using Dense.Coco.Annotations;
using Dense.Coco.Errors;
using Dense.Coco.Evaluation;
using Dense.Coco.Results;

namespace Dense.Cli.Evaluation;

/// <summary>Writes the HTML page of an evaluation, with its pictures beside it.</summary>
internal static class EvaluationReport
{
    private const int WorstImages = 12;

    /// <summary>Writes the page.</summary>
    /// <param name="dataset">The annotations.</param>
    /// <param name="detections">The detections.</param>
    /// <param name="result">Their comparison.</param>
    /// <param name="folder">Where the page goes; made when it does not exist.</param>
    /// <param name="imageFolder">Where the images are; null leaves the pictures out.</param>
    /// <returns>Path of the page.</returns>
    public static string Write(
        CocoDataset dataset, DetectionList detections, EvaluationResult result, string folder, string? imageFolder)
    {
        if (imageFolder is not null && !Directory.Exists(imageFolder))
            throw new UsageException($"--images {imageFolder}: there is no such folder.");

        ErrorBreakdown errors = ErrorAnalysis.Analyse(dataset, detections, result.Settings);
        Directory.CreateDirectory(folder);
        var page = new HtmlPage($"COCO evaluation: {MetricsFile.TaskName(result.Settings.Task)}");
        page.Paragraph(string.Create(
            CultureInfo.InvariantCulture,
            $"{dataset.Images.Count} images, {dataset.Annotations.Count} annotations, {detections.Count} detections."));
        foreach (string warning in result.Warnings)
            page.Paragraph("Warning: " + warning);

        WriteMetrics(page, result);
        page.Heading("Precision and recall");
        page.Raw(PrecisionRecallPlot.Svg(result));
        page.Paragraph(
            "Each curve is the mean over the classes at one IoU threshold; all sizes, the largest detection limit.");
        WriteErrors(page, errors);
        WriteCategories(page, result);
        WriteImages(page, dataset, detections, result, errors, folder, imageFolder);

        string path = Path.Combine(folder, "index.html");
        Checkpoints.AtomicFile.Write(path, stream => stream.Write(page.ToUtf8()));
        return path;
    }

    private static void WriteMetrics(HtmlPage page, EvaluationResult result)
    {
        page.Heading("The twelve numbers");
        page.Lines(SummaryText.Lines(result));
    }

    private static void WriteErrors(HtmlPage page, ErrorBreakdown errors)
    {
        page.Heading("What goes wrong");
        double most = Math.Max(1e-9, errors.Summaries.Max(s => s.ApGain));
        page.Bars(
            ["error", "count", "AP50 lost"],
            errors.Summaries.Select(s => new HtmlPage.Bar(
                ErrorText.Of(s.Kind),
                s.Count.ToString(CultureInfo.InvariantCulture),
                (100 * s.ApGain).ToString("0.00", CultureInfo.InvariantCulture),
                Math.Max(0, s.ApGain) / most)));
        page.Paragraph(
            "At IoU 0.5, by the definitions of D. Bolya, S. Foley, J. Hays and J. Hoffman: TIDE: A General Toolbox for "
            + "Identifying Object Detection Errors, ECCV 2020. \"AP50 lost\" is by how much AP50 would rise if errors "
            + "of that kind alone were put right; the numbers do not add up to what is missing.");
    }

    private static void WriteCategories(HtmlPage page, EvaluationResult result)
    {
        int empty = result.Categories.Count(c => c.Metrics.AP < 0);
        page.Heading("Classes");
        if (empty > 0)
            page.Paragraph($"{empty} classes without ground truth are left out.");

        page.Bars(
            ["class", "AP50", "AP"],
            result.Categories.Where(c => c.Metrics.AP >= 0).OrderByDescending(c => c.Metrics.AP)
                .Select(c => new HtmlPage.Bar(
                c.Category.Name, Percent(c.Metrics.AP50), Percent(c.Metrics.AP), Math.Max(0, c.Metrics.AP))));
    }

    private static void WriteImages(
        HtmlPage page,
        CocoDataset dataset,
        DetectionList detections,
        EvaluationResult result,
        ErrorBreakdown errors,
        string folder,
        string? imageFolder)
    {
        page.Heading("The worst images");
        if (imageFolder is null)
        {
            page.Paragraph("Name the folder of the images with --images to see them here.");
            return;
        }

        page.Paragraph("Most errors first: missed objects count 1, wrong detections their score.");
        page.Raw(DetectionPicture.Legend);
        var images = new Dictionary<long, CocoImage>();
        foreach (CocoImage image in dataset.Images)
            images[image.Id] = image;

        var pictures = new DetectionPicture(dataset, detections, result.Settings.Task, errors);
        var worst = errors.Errors.GroupBy(e => e.ImageId)
            .OrderByDescending(g => g.Sum(e => e.Kind == ErrorKind.Missed ? 1 : e.Score)).ThenBy(g => g.Key)
            .Take(WorstImages);
        foreach (IGrouping<long, DetectionError> image in worst)
        {
            string? copy = CopyImage(images[image.Key], imageFolder, folder);
            page.Figure(
                pictures.Svg(images[image.Key], copy),
                $"{images[image.Key].FileName}: "
                + string.Join(", ", image.CountBy(e => e.Kind).OrderBy(c => c.Key).Select(
                    c => $"{c.Value} {ErrorText.Of(c.Key)}"))
                + (copy is null ? " (the file is missing)" : ""));
        }
    }

    private static string? CopyImage(CocoImage image, string imageFolder, string folder)
    {
        string source = Path.Combine(imageFolder, image.FileName);
        if (!File.Exists(source))
            return null;

        string name = $"images/{image.Id}{Path.GetExtension(image.FileName)}";
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        File.Copy(source, Path.Combine(folder, name), overwrite: true);
        return name;
    }

    private static string Percent(double value) =>
        value < 0 ? "-" : (100 * value).ToString("0.0", CultureInfo.InvariantCulture);
}
