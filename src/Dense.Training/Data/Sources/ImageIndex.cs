namespace Dense.Training.Data.Sources;

/// <summary>Names and labels of the images of a source.</summary>
/// <param name="Names">Relative paths with forward slashes, in the source's order.</param>
/// <param name="Labels">One class per image, or null.</param>
internal sealed record ImageIndex(string[] Names, int[]? Labels)
{
    /// <summary>One more than the largest label; 0 without labels.</summary>
    public int ClassCount { get; } = Labels is null ? 0 : Labels.Max() + 1;

    public int LabelOf(int index) =>
        Labels?[index] ?? throw new InvalidOperationException("This source has no labels.");

    /// <summary>Labels images by folder name: folders sorted by ordinal name, label = rank.</summary>
    /// <param name="names">The images.</param>
    /// <param name="folderOf">The class folder of an image; null when it lies in none.</param>
    /// <param name="location">For messages.</param>
    /// <exception cref="DatasetException">An image lies in no folder.</exception>
    public static ImageIndex LabelledByFolder(string[] names, Func<string, string?> folderOf, string location)
    {
        var folders = new string[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            folders[i] = folderOf(names[i]) ?? throw new DatasetException(
                $"{location}: '{names[i]}' lies in no class folder. Labels are taken from folder names, as in " +
                "CLASS/IMAGE.jpg: move the image into a folder, or use the source without labels.");
        }

        string[] classes = [.. folders.Distinct().Order(StringComparer.Ordinal)];
        var rank = classes.Select((name, label) => (name, label)).ToDictionary(c => c.name, c => c.label);
        return new ImageIndex(names, [.. folders.Select(f => rank[f])]);
    }
}
