using Dense.Training.Data.Sources;

namespace Dense.Training.Data.Formats;

/// <summary>Compares the labels of a source with what a model needs, before the first step.</summary>
internal static class LabelCheck
{
    /// <summary>Refuses a source without labels or with labels beyond the model's classes.</summary>
    public static void Require(IImageSource source, int classes)
    {
        if (source.ClassCount == 0)
        {
            throw new DatasetException(
                $"{source.Location}: these images have no labels, expected a class for each. Name a list with " +
                "'path label' lines, or a folder with one folder per class.");
        }

        if (source.ClassCount <= classes)
            return;

        int index = Enumerable.Range(0, source.Count).First(i => source.LabelOf(i) >= classes);
        throw new DatasetException(
            $"{source.Location}: '{source.NameOf(index)}' (number {index + 1}) has class " +
            $"{source.LabelOf(index)}, expected " +
            $"0 to {classes - 1}. Correct the labels, or set the number of classes to {source.ClassCount}.");
    }
}
