using System.IO.Compression;

namespace Dense.Coco.Files;

/// <summary>Writes a file under a temporary name beside it and renames it when it is complete and on disk.</summary>
internal static class AtomicWrite
{
    /// <summary>Writes <paramref name="path"/>, packed with gzip when it ends in <c>.gz</c>.</summary>
    public static void To(string path, Action<Stream> write)
    {
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
                {
                    using var packed = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true);
                    write(packed);
                }
                else
                    write(file);

                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
