using Dense.Coco.Annotations;
using Dense.Training.Data;

namespace Dense.Training.Detection.Data;

/// <summary>The images that a detector is trained on (E-97).</summary>
public sealed class TrainingSet
{
    private TrainingSet(
        IReadOnlyList<ImageRecord> images,
        IReadOnlyList<string> classNames,
        IReadOnlyList<string> messages,
        IReadOnlyList<string> warnings) =>
        (Images, ClassNames, Messages, Warnings) = (images, classNames, messages, warnings);

    /// <summary>The images of all data sets, one set after the other.</summary>
    public IReadOnlyList<ImageRecord> Images { get; }

    /// <summary>Names of the classes.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>What was left out as the settings ask, for the log.</summary>
    public IReadOnlyList<string> Messages { get; }

    /// <summary>What was left out because it cannot be used (E-115).</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Puts data sets together and leaves out images without objects.</summary>
    /// <param name="parts">The data sets of DATASETS.TRAIN, at least one.</param>
    /// <param name="settings">Whether to leave out, and which masks are needed.</param>
    /// <exception cref="DatasetException">A data set has no images, classes differ, no image is left, or the shapes do
    /// not suit the settings.</exception>
    public static TrainingSet Assemble(IReadOnlyList<CocoRecords> parts, DetectionDataSettings settings)
    {
        if (parts.Count == 0)
            throw new DatasetException("DATASETS.TRAIN names no data set. Name at least one.");

        foreach (CocoRecords part in parts)
            Check(part, parts[0], settings);

        ImageRecord[] images = [.. parts.SelectMany(p => p.Images)];
        List<string> messages = [];
        if (settings.FilterEmpty)
            images = WithObjects(images, messages);
        if (images.Length == 0)
        {
            throw new DatasetException(
                $"No image of {string.Join(", ", parts.Select(p => p.Dataset.Name))} has an object that is not a " +
                "crowd. Train on annotated images.");
        }

        return new TrainingSet(
            images, parts[0].ClassNames, messages, settings.MaskOn ? CountMissingShapes(images) : []);
    }

    private static void Check(CocoRecords part, CocoRecords first, DetectionDataSettings settings)
    {
        string file = part.Dataset.AnnotationFile;
        if (part.Images.Count == 0)
            throw new DatasetException($"{file}: the data set '{part.Dataset.Name}' has no images.");

        if (!part.ClassNames.SequenceEqual(first.ClassNames))
        {
            throw new DatasetException(
                $"{file}: the classes of '{part.Dataset.Name}' ({ClassList.Shorten(part.ClassNames)}) differ from " +
                $"those of '{first.Dataset.Name}' ({ClassList.Shorten(first.ClassNames)}): " +
                $"{ClassList.Difference(part.ClassNames, first.ClassNames)}. Train together only data sets that have " +
                "the same classes in the same order.");
        }

        if (settings is { MaskOn: true, MaskFormat: MaskFormat.Polygon })
            RefuseRunLengths(part);
    }

    private static void RefuseRunLengths(CocoRecords part)
    {
        foreach (ImageRecord image in part.Images)
        {
            foreach (ObjectRecord o in image.Objects)
            {
                if (!o.IsCrowd && o.Segmentation.Kind == SegmentationKind.RunLength)
                {
                    throw new DatasetException(
                        $"{part.Dataset.AnnotationFile}: annotation {o.AnnotationId} is a run-length mask, but " +
                        "INPUT.MASK_FORMAT is 'polygon'. Set INPUT.MASK_FORMAT to 'bitmask'.");
                }
            }
        }
    }

    private static ImageRecord[] WithObjects(ImageRecord[] images, List<string> messages)
    {
        ImageRecord[] left = [.. images.Where(i => i.Objects.Any(o => !o.IsCrowd))];
        messages.Add($"Removed {images.Length - left.Length} images without objects; {left.Length} images are left.");
        return left;
    }

    private static string[] CountMissingShapes(ImageRecord[] images)
    {
        int missing = images.Sum(
            i => i.Objects.Count(o => !o.IsCrowd && o.Segmentation.Kind == SegmentationKind.None));
        return missing == 0
            ? []
            : [$"{missing} objects have no shape ('segmentation') and are left out of mask training."];
    }
}
