namespace Dense.Checkpoints;

/// <summary>
/// Writes files so that a name never stands for half a file: into a temporary file in the same folder, flushed to disk,
/// then renamed (reliability R2, R3). A process that is killed leaves the previous file untouched.
/// </summary>
public static class AtomicFile
{
    private const int BufferSize = 1 << 16;

    // Linux error numbers, and their Windows counterparts.
    private static readonly int[] FullDisk = [28, 122, unchecked((int)0x80070070), unchecked((int)0x80070027)];
    private static readonly int[] ReadOnlyFileSystem = [30, unchecked((int)0x80070013)];

    /// <summary>Writes a file by a stream that <paramref name="write"/> fills.</summary>
    /// <param name="path">The file; its folder must exist. An existing file is replaced.</param>
    /// <param name="write">Writes the content. When it throws, nothing has changed on disk.</param>
    /// <exception cref="IOException">The disk is full, the folder is missing or read-only: the message says
    /// which.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);

        string full = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(full) ?? throw new IOException($"{path}: it is a folder. Name a file.");
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{path}: cannot be written: the folder {folder} does not exist. " +
                "Create it first.");

        if (Directory.Exists(full))
            throw new IOException($"{path}: cannot be written: it is a folder. Name a file.");

        string temporary = Path.Combine(folder, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (var stream = new FileStream(
                temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferSize))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception e)
        {
            Remove(temporary);
            if (Explain(e, path, folder) is { } explained)
                throw explained;

            throw;
        }
    }

    /// <summary>Writes a small file from text, in UTF-8.</summary>
    /// <exception cref="IOException">See <see cref="Write"/>.</exception>
    public static void WriteText(string path, string text) =>
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    private static IOException? Explain(Exception e, string path, string folder) => e switch
    {
        IOException when FullDisk.Contains(e.HResult) => new IOException(
            $"{path}: cannot be written: the disk that holds {folder} is full. Nothing was changed; free some space " +
                "and try again.", e),
        IOException when ReadOnlyFileSystem.Contains(e.HResult) => new IOException(
            $"{path}: cannot be written: {folder} is on a read-only file system. Name another folder.", e),
        UnauthorizedAccessException or FileNotFoundException => new IOException(
            $"{path}: cannot be written: {folder} does not let this user create files. Name another folder, or " +
                "change its permissions.", e),
        _ => null,
    };

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The failure that brought us here says more than this one.
        }
    }
}
