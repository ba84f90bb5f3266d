using Dense.Training.Data.Sources;
using Microsoft.Win32.SafeHandles;

namespace Dense.Training.Data.Archives;

/// <summary>
/// Opens uncompressed tar archives and zip archives (stored or deflated) of image files, which are read in place. One
/// large file spares slow file systems the search for millions of small ones.
/// </summary>
public static class ImageArchive
{
    /// <summary>Indexes the images of an archive, sorted by ordinal name; the archive stays open.</summary>
    /// <param name="path">The archive.</param>
    /// <param name="labelled">Whether the folder that holds an image names its class, numbered in ordinal
    /// order.</param>
    /// <exception cref="DatasetException">The archive is missing, damaged or without images.</exception>
    public static IImageSource Open(string path, bool labelled = false)
    {
        if (!File.Exists(path))
            throw new DatasetException($"{path}: this archive does not exist. Correct its path.");

        try
        {
            var file = File.OpenHandle(path, options: FileOptions.RandomAccess);
            try
            {
                return Open(file, path, labelled);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"{path}: the archive cannot be read: {e.Message} Check the permissions.", e);
        }
    }

    private static ArchiveImageSource Open(SafeFileHandle file, string path, bool labelled)
    {
        bool isZip = IsZip(file, path);
        ArchiveEntry[] entries = SortedImages(isZip ? ZipIndex.Read(file, path) : TarIndex.Read(path));
        if (entries.Length == 0)
        {
            throw new DatasetException(
                $"{path}: no image found in this archive. Expected files such as .jpg or .png: name another archive.");
        }

        string[] names = [.. entries.Select(e => e.Name)];
        ImageIndex index = labelled
            ? ImageIndex.LabelledByFolder(names, HoldingFolder, path)
            : new ImageIndex(names, null);
        return new ArchiveImageSource(file, path, isZip, entries, index);
    }

    // A name that occurs again, as after appending to a tar archive, replaces the earlier one.
    private static ArchiveEntry[] SortedImages(List<ArchiveEntry> entries) =>
    [
        .. entries
            .Where(e => ImageSignature.HasImageName(e.Name) && !Path.GetFileName(e.Name).StartsWith('.'))
            .GroupBy(e => e.Name)
            .Select(same => same.MaxBy(e => e.Offset))
            .OrderBy(e => e.Name, StringComparer.Ordinal),
    ];

    private static string? HoldingFolder(string name)
    {
        string? folder = Path.GetFileName(Path.GetDirectoryName(name));
        return folder is null or "" or "." ? null : folder;
    }

    private static bool IsZip(SafeFileHandle file, string path)
    {
        if (path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
            return true;

        Span<byte> head = stackalloc byte[2];
        head = head[..RandomAccess.Read(file, head, 0)];
        return head.SequenceEqual("PK"u8);
    }
}
