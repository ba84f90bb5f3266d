using Dense.Coco.Annotations;
using Dense.Coco.Masks;

namespace Dense.Coco.Checks;

/// <summary>Finds in an annotation file what would break training or spoil an evaluation.</summary>
public sealed class DatasetCheck
{
    private const int Shown = 10;

    // COCO's own boxes reach up to a pixel beyond their image.
    private const double BoxTolerance = 1;

    private readonly CocoDataset _dataset;
    private readonly Dictionary<CheckKind, (int Count, List<string> First)> _found = [];
    private readonly MaskReader _masks = new();
    private readonly RunBuffer _ends = new();

    private DatasetCheck(CocoDataset dataset) => _dataset = dataset;

    /// <summary>Checks a data set.</summary>
    /// <param name="dataset">The annotations.</param>
    /// <param name="imageFindings">What looking at the image files found; null when nobody looked.</param>
    public static CheckReport Run(CocoDataset dataset, IEnumerable<Finding>? imageFindings = null)
    {
        var check = new DatasetCheck(dataset);
        check.CheckImages();
        check.CheckCategories();
        check.CheckAnnotations();
        foreach (Finding finding in imageFindings ?? [])
            check.Report(finding.Kind, finding.Where);

        return check.Summarise();
    }

    private CheckReport Summarise()
    {
        HashSet<long> withObjects = [.. _dataset.Annotations.Select(a => a.ImageId)];
        return new CheckReport(
            _dataset.Images.Count,
            _dataset.Categories.Count,
            _dataset.Annotations.Count,
            _dataset.Annotations.Count(a => a.IsCrowd),
            _dataset.Images.Count(i => !withObjects.Contains(i.Id)),
            [
                .. CheckKind.All.Where(_found.ContainsKey)
                    .Select(kind => new FindingGroup(kind, _found[kind].Count, _found[kind].First)),
            ]);
    }

    private void Report(CheckKind kind, string where)
    {
        (int count, List<string> first) = _found.GetValueOrDefault(kind, (0, []));
        if (count < Shown)
            first.Add(where);

        _found[kind] = (count + 1, first);
    }

    private void CheckImages()
    {
        if (_dataset.Images.Count == 0 || _dataset.Categories.Count == 0 || _dataset.Annotations.Count == 0)
        {
            Report(CheckKind.NothingToLearn, $"{_dataset.Images.Count} images, {_dataset.Categories.Count} categories, "
                + $"{_dataset.Annotations.Count} annotations");
        }

        var ids = new HashSet<long>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (CocoImage image in _dataset.Images)
        {
            if (!ids.Add(image.Id))
                Report(CheckKind.DuplicateImageId, $"image id {image.Id} ({image.FileName})");
            if (image.FileName.Length > 0 && !names.Add(image.FileName))
                Report(CheckKind.DuplicateFileName, $"{image.FileName} (image {image.Id})");
            if (image.Width <= 0 || image.Height <= 0)
                Report(CheckKind.NoImageSize, $"image {image.Id} ({image.FileName}): {image.Width}x{image.Height}");
        }
    }

    private void CheckCategories()
    {
        var ids = new HashSet<long>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (CocoCategory category in _dataset.Categories)
        {
            if (!ids.Add(category.Id))
                Report(CheckKind.DuplicateCategoryId, $"category id {category.Id} ({category.Name})");
            if (!names.Add(category.Name))
                Report(CheckKind.DuplicateCategoryName, $"{category.Name} (category {category.Id})");
        }

        long[] ordered = [.. ids.Order()];
        for (int i = 0; i < ordered.Length; i++)
        {
            long previous = i == 0 ? 0 : ordered[i - 1];
            if (ordered[i] > previous + 1)
            {
                bool isOne = ordered[i] == previous + 2;
                Report(CheckKind.CategoryGap, isOne
                    ? $"no id {previous + 1}"
                    : $"no ids {previous + 1} to {ordered[i] - 1}");
            }
        }

        HashSet<long> used = [.. _dataset.Annotations.Select(a => a.CategoryId)];
        foreach (CocoCategory category in _dataset.Categories.Where(c => !used.Contains(c.Id)))
            Report(CheckKind.EmptyCategory, $"{category.Name} (category {category.Id})");
    }

    private void CheckAnnotations()
    {
        var images = new Dictionary<long, CocoImage>();
        foreach (CocoImage image in _dataset.Images)
            images[image.Id] = image;

        HashSet<long> categories = [.. _dataset.Categories.Select(c => c.Id)];
        var ids = new HashSet<long>();
        foreach (CocoAnnotation annotation in _dataset.Annotations)
        {
            if (!ids.Add(annotation.Id))
                Report(CheckKind.DuplicateAnnotationId, $"annotation id {annotation.Id}");
            if (annotation.Id == 0)
                Report(CheckKind.AnnotationIdZero, $"annotation 0 in image {annotation.ImageId}");
            if (!categories.Contains(annotation.CategoryId))
                Report(CheckKind.UnknownCategory, $"annotation {annotation.Id}: category {annotation.CategoryId}");

            if (!images.TryGetValue(annotation.ImageId, out CocoImage? image))
            {
                Report(CheckKind.UnknownImage, $"annotation {annotation.Id}: image {annotation.ImageId}");
                continue;
            }

            CheckBox(annotation, image);
            CheckSegmentation(annotation, image);
        }
    }

    private void CheckBox(in CocoAnnotation annotation, CocoImage image)
    {
        string name = $"annotation {annotation.Id} (image {image.Id})";
        if (annotation.Box is not { } box)
        {
            Report(CheckKind.NoBox, name);
            return;
        }

        string where = $"{name}: [{box.X}, {box.Y}, {box.Width}, {box.Height}] in {image.Width}x{image.Height}";
        (double right, double bottom) = (box.X + box.Width, box.Y + box.Height);
        if (box.Width <= 0 || box.Height <= 0)
            Report(CheckKind.DegenerateBox, where);
        else if (image.Width <= 0 || image.Height <= 0)
            return;
        else if (right <= 0 || bottom <= 0 || box.X >= image.Width || box.Y >= image.Height)
            Report(CheckKind.BoxOutside, where);
        else if (Math.Min(box.X, box.Y) < -BoxTolerance || right > image.Width + BoxTolerance ||
            bottom > image.Height + BoxTolerance)
        {
            Report(CheckKind.BoxPartlyOutside, where);
        }
    }

    private void CheckSegmentation(in CocoAnnotation annotation, CocoImage image)
    {
        string where = $"annotation {annotation.Id} (image {image.Id})";
        switch (annotation.Segmentation.Kind)
        {
            case SegmentationKind.Polygons:
                double[][] polygons = annotation.Segmentation.ToPolygons();
                foreach (double[] polygon in polygons.Where(p => p.Length < 6 || p.Length % 2 != 0))
                    Report(CheckKind.ShortPolygon, $"{where}: {polygon.Length} numbers");

                if (!polygons.Any(p => p.Length >= 6))
                {
                    Report(CheckKind.NoUsablePolygon, where);
                    return;
                }

                break;

            case SegmentationKind.RunLength:
                (int height, int width) = annotation.Segmentation.RunLengthSize();
                if ((height, width) != (image.Height, image.Width))
                {
                    Report(CheckKind.MaskSize, $"{where}: mask {height}x{width}, image {image.Height}x{image.Width} " +
                        "(height x width)");
                }

                break;

            default:
                return;
        }

        CheckMask(annotation, image, where);
    }

    private void CheckMask(in CocoAnnotation annotation, CocoImage image, string where)
    {
        try
        {
            _ends.Truncate(0);
            int shortMasks = _masks.ShortMasks;
            _masks.Read(annotation.Segmentation, image.Height, image.Width, _ends);
            if (_masks.ShortMasks > shortMasks)
                Report(CheckKind.ShortMask, where);
            if (Runs.Area(_ends.Span) == 0)
                Report(CheckKind.EmptyMask, where);
        }
        catch (CocoFormatException e)
        {
            Report(CheckKind.DamagedMask, $"{where}: {e.Message}");
        }
    }
}
