namespace Dense.Training.Data.Archives;

/// <summary>
/// Bounds the headers of a tar archive that carry long names and attributes. The platform's reader reserves as much
/// memory as such a header claims, before it looks whether the bytes exist.
/// </summary>
internal static class TarExtensions
{
    /// <summary>Bytes of one such header at most. A path and its attributes take some hundred.</summary>
    public const int MaximumLength = 1 << 20;

    private const int BlockLength = 512;
    private const int SizeAt = 124;
    private const int SizeLength = 12;
    private const int TypeAt = 156;

    /// <summary>
    /// Refuses an oversized header among those that stand before the next entry. The position of the stream stays.
    /// </summary>
    /// <param name="archive">Stands at the beginning of a header.</param>
    /// <exception cref="InvalidDataException">A header is longer than <see cref="MaximumLength"/>.</exception>
    public static void RequireShort(Stream archive)
    {
        long start = archive.Position;
        byte[] header = new byte[BlockLength];
        while (archive.ReadAtLeast(header, BlockLength, throwOnEndOfStream: false) == BlockLength &&
            IsExtension(header[TypeAt]))
        {
            long length = Octal(header.AsSpan(SizeAt, SizeLength));
            if (length > MaximumLength)
            {
                throw new InvalidDataException(
                    $"the extended header at byte {archive.Position - BlockLength} is longer than " +
                    $"{MaximumLength} bytes.");
            }

            archive.Position += (length + BlockLength - 1) / BlockLength * BlockLength;
        }

        archive.Position = start;
    }

    // PAX attributes of one file and of all that follow, GNU's long name and long link.
    private static bool IsExtension(byte type) => type is (byte)'x' or (byte)'g' or (byte)'L' or (byte)'K';

    // Binary numbers, which begin with a set bit, are for more than 8 GiB: too long, like whatever else is no octal
    // number.
    private static long Octal(ReadOnlySpan<byte> field)
    {
        long value = 0;
        foreach (byte digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
                return long.MaxValue;

            value = (8 * value) + (digit - '0');
        }

        return value;
    }
}
