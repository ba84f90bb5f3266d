using Microsoft.Win32.SafeHandles;

namespace Dense.Training.Data.Archives;

/// <summary>Reads parts of an archive by position.</summary>
internal static class ArchiveBytes
{
    /// <summary>Fills <paramref name="into"/> with the bytes from <paramref name="offset"/>.</summary>
    /// <exception cref="DatasetException">They do not exist or cannot be read.</exception>
    public static void Read(SafeFileHandle file, long offset, Span<byte> into, string path)
    {
        long end = offset + into.Length;
        try
        {
            if (offset < 0)
                throw new EndOfStreamException($"byte {offset} does not exist.");

            while (into.Length > 0)
            {
                int read = RandomAccess.Read(file, into, offset);
                if (read == 0)
                    throw new EndOfStreamException($"the file ends at byte {offset}, expected at least {end}.");

                offset += read;
                into = into[read..];
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"{path}: the archive cannot be read: {e.Message} Copy or make it again.", e);
        }
    }
}
