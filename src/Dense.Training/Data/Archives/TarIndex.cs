using System.Formats.Tar;

namespace Dense.Training.Data.Archives;

/// <summary>Finds the files of an uncompressed tar archive.</summary>
internal static class TarIndex
{
    /// <summary>Lists the regular files.</summary>
    /// <exception cref="DatasetException">The archive is damaged or not a tar archive.</exception>
    public static List<ArchiveEntry> Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            using var tar = new TarReader(file);
            var entries = new List<ArchiveEntry>();
            while (Next(tar, file) is { } entry)
            {
                if (!IsFile(entry.EntryType))
                    continue;

                if (entry.Length > file.Length - entry.DataOffset)
                    throw Truncated(path, entry, file.Length);

                entries.Add(new ArchiveEntry(entry.Name, entry.DataOffset, entry.Length, entry.Length, false, null));
            }

            return entries;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or FormatException or ArgumentException
            or InvalidOperationException or NotSupportedException or OverflowException)
        {
            throw new DatasetException(
                $"{path}: the tar archive is damaged or compressed: {e.Message} Make it again, without compression " +
                $"(tar -cf {Path.GetFileName(path)} -C FOLDER .).", e);
        }
    }

    // After each entry the reader leaves the file at the next header.
    private static TarEntry? Next(TarReader tar, FileStream file)
    {
        TarExtensions.RequireShort(file);
        return tar.GetNextEntry();
    }

    private static bool IsFile(TarEntryType type) =>
        type is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile;

    private static DatasetException Truncated(string path, TarEntry entry, long length) => new(
        $"{path}: the tar archive is cut short: '{entry.Name}' begins at byte {entry.DataOffset} and has " +
        $"{entry.Length} bytes, but the archive ends at {length}. Copy or make it again.");
}
