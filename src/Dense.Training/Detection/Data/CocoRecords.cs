using Dense.Coco.Annotations;
using Dense.Training.Data;

namespace Dense.Training.Detection.Data;

/// <summary>
/// A data set, read once per process and shared by loaders, threads and the evaluator (E-98, E-194). Immutable.
/// </summary>
public sealed class CocoRecords
{
    internal CocoRecords(
        RegisteredDataset dataset,
        CocoDataset annotations,
        CategoryMap categories,
        IReadOnlyList<ImageRecord> images,
        IReadOnlyList<string> warnings)
    {
        (Dataset, Annotations, Categories, Images, Warnings) = (dataset, annotations, categories, images, warnings);
        ClassNames = [.. categories.Categories.Select(c => c.Name)];
    }

    /// <summary>Where it comes from.</summary>
    public RegisteredDataset Dataset { get; }

    /// <summary>The annotation file as it was read; the evaluator's ground truth.</summary>
    public CocoDataset Annotations { get; }

    /// <summary>Between category ids and class numbers.</summary>
    public CategoryMap Categories { get; }

    /// <summary>Names of the classes; the position is the class number.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The images by ascending id, those without objects included (E-94).</summary>
    public IReadOnlyList<ImageRecord> Images { get; }

    /// <summary>What is worth a warning, such as annotations that were dropped.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Reads a data set.</summary>
    /// <exception cref="DatasetException">The annotation file is missing, is not what it should be, or has other
    /// classes than COCO's under one of COCO's names.</exception>
    public static CocoRecords Load(RegisteredDataset dataset) => CocoRecordsReader.Read(dataset);

    /// <summary>Checks the number of classes (M-144).</summary>
    /// <param name="numClasses">The classes that the detector tells apart.</param>
    /// <param name="key">The configuration key that says so, such as <c>MODEL.FCOS.NUM_CLASSES</c>.</param>
    /// <exception cref="DatasetException">The data set has another number of classes.</exception>
    public void RequireClassCount(int numClasses, string key)
    {
        if (ClassNames.Count == numClasses)
            return;

        throw new DatasetException(
            $"{Dataset.AnnotationFile}: the data set '{Dataset.Name}' has {ClassNames.Count} classes " +
            $"({ClassList.Shorten(ClassNames)}), but {key} is {numClasses}. Set {key} to {ClassNames.Count}.");
    }
}
