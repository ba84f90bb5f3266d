using System.Buffers.Binary;
using Dense.Checkpoints.Files;

namespace Dense.Checkpoints.Zip;

/// <summary>Where the central directory of a ZIP archive lies, ZIP64 included.</summary>
/// <param name="DirectoryOffset">First byte of the directory.</param>
/// <param name="DirectorySize">Bytes of the directory.</param>
/// <param name="EntryCount">Records in it.</param>
internal readonly record struct ZipEndRecord(long DirectoryOffset, long DirectorySize, long EntryCount)
{
    private const uint EndSignature = 0x06054b50;
    private const uint LocatorSignature = 0x07064b50;
    private const uint End64Signature = 0x06064b50;
    private const int EndSize = 22;
    private const int LocatorSize = 20;
    private const int End64Size = 56;
    private const int LongestComment = 0xFFFF;

    /// <summary>Finds and checks the end records.</summary>
    /// <exception cref="CheckpointFormatException">There is none, or the records contradict each other.</exception>
    public static ZipEndRecord Read(ByteSource source)
    {
        int tailLength = (int)Math.Min(source.Length, EndSize + LongestComment);
        long tailOffset = source.Length - tailLength;
        byte[] tail = new byte[tailLength];
        source.Read(tailOffset, tail);

        int at = FindEnd(tail);
        if (at < 0)
            throw ZipTruncation.Explain(source);

        ReadOnlySpan<byte> end = tail.AsSpan(at, EndSize);
        var classic = new ZipEndRecord(
            BinaryPrimitives.ReadUInt32LittleEndian(end[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(end[12..]),
            BinaryPrimitives.ReadUInt16LittleEndian(end[10..]));
        if (BinaryPrimitives.ReadUInt32LittleEndian(end[4..]) != 0 ||
            BinaryPrimitives.ReadUInt16LittleEndian(end[8..]) != classic.EntryCount)
        {
            throw source.Refuse(tailOffset + at, "the ZIP archive claims to span several disks.");
        }

        long position = tailOffset + at;
        return ReadZip64(source, position, classic) ?? Check(source, classic, position);
    }

    // The comment of a real end record reaches exactly to the end of the file.
    private static int FindEnd(ReadOnlySpan<byte> tail)
    {
        for (int at = tail.Length - EndSize; at >= 0; at--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail[at..]) == EndSignature &&
                BinaryPrimitives.ReadUInt16LittleEndian(tail[(at + 20)..]) == tail.Length - at - EndSize)
            {
                return at;
            }
        }

        return -1;
    }

    private static ZipEndRecord? ReadZip64(ByteSource source, long endPosition, ZipEndRecord classic)
    {
        bool needed = classic.DirectoryOffset == uint.MaxValue || classic.DirectorySize == uint.MaxValue ||
            classic.EntryCount == ushort.MaxValue;
        Span<byte> locator = stackalloc byte[LocatorSize];
        bool present = endPosition >= LocatorSize;
        if (present)
        {
            source.Read(endPosition - LocatorSize, locator);
            present = BinaryPrimitives.ReadUInt32LittleEndian(locator) == LocatorSignature;
        }

        if (!present)
        {
            return needed
                ? throw source.Refuse(endPosition, "the ZIP archive lacks the ZIP64 record that it refers to.")
                : null;
        }

        long position = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
        if (position != endPosition - LocatorSize - End64Size)
            throw source.Refuse(endPosition - LocatorSize, $"the ZIP64 locator points to byte {position}, where no " +
                "end record fits.");

        Span<byte> end = stackalloc byte[End64Size];
        source.Read(position, end);
        if (BinaryPrimitives.ReadUInt32LittleEndian(end) != End64Signature)
            throw source.Refuse(position, "the ZIP64 end record is damaged.");

        var record = new ZipEndRecord(
            BinaryPrimitives.ReadInt64LittleEndian(end[48..]),
            BinaryPrimitives.ReadInt64LittleEndian(end[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(end[32..]));
        if (!Agrees(classic.DirectoryOffset, uint.MaxValue, record.DirectoryOffset) ||
            !Agrees(classic.DirectorySize, uint.MaxValue, record.DirectorySize) ||
            !Agrees(classic.EntryCount, ushort.MaxValue, record.EntryCount))
        {
            throw source.Refuse(position, "the two end records of the ZIP archive contradict each other.");
        }

        return Check(source, record, position);
    }

    private static bool Agrees(long classic, long saturated, long wide) => classic == saturated || classic == wide;

    private static ZipEndRecord Check(ByteSource source, ZipEndRecord record, long position)
    {
        if (record.DirectoryOffset < 0 || record.DirectorySize < 0 || record.EntryCount < 0 ||
            record.DirectoryOffset > position || record.DirectorySize != position - record.DirectoryOffset)
        {
            throw source.Refuse(position, $"the ZIP directory should lie just before here, but is said to take " +
                $"{record.DirectorySize} bytes from byte {record.DirectoryOffset}. Copy or download the file again.");
        }

        return record;
    }
}
