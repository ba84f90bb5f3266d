namespace Dense.Training.Data.Sources;

/// <summary>Opens folders of image files. Files are sorted by ordinal relative path (P-71).</summary>
public static class ImageFolder
{
    // A link that leads back to a folder above it ends here.
    private const int MaximumDepth = 16;

    /// <summary>
    /// All images below a folder, without labels. A file is an image by its extension (jpg, jpeg, png, gif, bmp, webp)
    /// or, without extension, by its first bytes. Hidden files are left out.
    /// </summary>
    /// <exception cref="DatasetException">The folder is missing, unreadable or without images.</exception>
    public static IImageSource Open(string root) =>
        new FileImageSource(
            root, root, new ImageIndex(Enumerate(root, recursive: true, ImageSignature.IsImage), Labels: null));

    /// <summary>
    /// A COCO image folder: every file directly in it whose name ends in g, as jpg, jpeg and png do (P-71); no labels.
    /// </summary>
    /// <exception cref="DatasetException">The folder is missing, unreadable or without such files.</exception>
    public static IImageSource OpenCoco(string root) =>
        new FileImageSource(root, root, new ImageIndex(Enumerate(root, recursive: false, EndsInG), Labels: null));

    /// <summary>
    /// The ImageNet layout: one folder per class with its images anywhere below it. Classes are numbered in the ordinal
    /// order of their folders.
    /// </summary>
    /// <exception cref="DatasetException">The folder is missing, unreadable, without images, or has images outside of
    /// class folders.</exception>
    public static IImageSource OpenClasses(string root)
    {
        string[] names = Enumerate(root, recursive: true, ImageSignature.IsImage);
        return new FileImageSource(root, root, ImageIndex.LabelledByFolder(names, FirstFolder, root));
    }

    private static bool EndsInG(string path) => path.EndsWith('g') || path.EndsWith('G');

    private static string? FirstFolder(string name) => name.IndexOf('/') is > 0 and int slash ? name[..slash] : null;

    private static string[] Enumerate(string root, bool recursive, Func<string, bool> isImage)
    {
        if (!Directory.Exists(root))
        {
            throw new DatasetException(
                $"{root}: this image folder does not exist. Correct the data set's root, or mount the disk " +
                "that holds it.");
        }

        var options = new EnumerationOptions
        {
            RecurseSubdirectories = recursive,
            MaxRecursionDepth = MaximumDepth,
            IgnoreInaccessible = false,
        };
        try
        {
            string[] names = [.. Directory.EnumerateFiles(root, "*", options)
                .Where(isImage)
                .Select(path => Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/'))];
            Array.Sort(names, StringComparer.Ordinal);
            return names.Length > 0 ? names : throw new DatasetException(
                $"{root}: no image found in this folder. Expected files such as .jpg or .png: correct the " +
                "data set's root.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"{root}: the folder cannot be listed: {e.Message} Check the permissions.", e);
        }
    }
}
