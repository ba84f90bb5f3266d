using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Dense.Training.Data.Archives;

/// <summary>
/// Finds the files of a zip archive, so that they can be read by position from several threads, which the platform's
/// own reader does not offer. Knows archives of more than 4 GiB or 65,535 files (Zip64).
/// </summary>
internal static class ZipIndex
{
    private const uint EndSignature = 0x06054B50;
    private const uint End64Signature = 0x06064B50;
    private const uint Locator64Signature = 0x07064B50;
    private const uint EntrySignature = 0x02014B50;
    private const uint LocalSignature = 0x04034B50;
    private const int EndLength = 22;
    private const int End64Length = 56;
    private const int Locator64Length = 20;
    private const int EntryLength = 46;
    private const int LocalLength = 30;
    private const int MaximumComment = ushort.MaxValue;
    private const ushort Zip64Field = 1;
    private const ushort Stored = 0;
    private const ushort Deflated = 8;
    private const long MaximumDirectory = 1L << 30;

    /// <summary>Lists the files.</summary>
    /// <exception cref="DatasetException">The archive is damaged, encrypted, split, or uses another
    /// compression.</exception>
    public static List<ArchiveEntry> Read(SafeFileHandle file, string path)
    {
        (long offset, long length) = FindDirectory(file, path);
        byte[] directory = new byte[length];
        ArchiveBytes.Read(file, offset, directory, path);

        var entries = new List<ArchiveEntry>();
        for (ReadOnlySpan<byte> rest = directory; rest.Length > 0;)
        {
            if (rest.Length < EntryLength || BinaryPrimitives.ReadUInt32LittleEndian(rest) != EntrySignature)
                throw Damaged(path, $"no directory entry at byte {offset + length - rest.Length}");

            int size = EntryLength + UInt16(rest, 28) + UInt16(rest, 30) + UInt16(rest, 32);
            if (size > rest.Length)
                throw Damaged(path, "a directory entry is cut short");

            if (ParseEntry(rest[..size], path) is { } entry)
                entries.Add(entry);

            rest = rest[size..];
        }

        return entries;
    }

    /// <summary>
    /// Where an entry's content begins: behind its local header, whose length only the header itself tells.
    /// </summary>
    /// <exception cref="DatasetException">There is no local header.</exception>
    public static long ContentOffset(SafeFileHandle file, in ArchiveEntry entry, string path)
    {
        Span<byte> header = stackalloc byte[LocalLength];
        ArchiveBytes.Read(file, entry.Offset, header, path);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalSignature)
            throw Damaged(path, $"no file header of '{entry.Name}' at byte {entry.Offset}");

        return entry.Offset + LocalLength + UInt16(header, 26) + UInt16(header, 28);
    }

    private static (long Offset, long Length) FindDirectory(SafeFileHandle file, string path)
    {
        long fileLength = RandomAccess.GetLength(file);
        int tailLength = (int)Math.Min(fileLength, EndLength + MaximumComment);
        byte[] tail = new byte[tailLength];
        ArchiveBytes.Read(file, fileLength - tailLength, tail, path);

        int end = tailLength - EndLength;
        while (end >= 0 && BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end)) != EndSignature)
            end--;

        if (end < 0)
            throw Damaged(path, "the directory at its end is missing: it is cut short, or not a zip archive");

        ReadOnlySpan<byte> record = tail.AsSpan(end);
        long length = UInt32(record, 12);
        long offset = UInt32(record, 16);
        if (length == uint.MaxValue || offset == uint.MaxValue || UInt16(record, 10) == ushort.MaxValue)
            (offset, length) = FindDirectory64(file, fileLength - tailLength + end, path) ?? (offset, length);

        if (offset < 0 || length < 0 || length > MaximumDirectory || offset > fileLength - length)
        {
            throw Damaged(path, $"its directory (byte {offset}, {length} bytes) lies outside of the file of " +
                $"{fileLength} bytes");
        }

        return (offset, length);
    }

    private static (long Offset, long Length)? FindDirectory64(SafeFileHandle file, long endOffset, string path)
    {
        if (endOffset < Locator64Length)
            return null;

        Span<byte> locator = stackalloc byte[Locator64Length];
        ArchiveBytes.Read(file, endOffset - Locator64Length, locator, path);
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != Locator64Signature)
            return null;

        Span<byte> record = stackalloc byte[End64Length];
        ArchiveBytes.Read(file, Int64(locator, 8), record, path);
        if (BinaryPrimitives.ReadUInt32LittleEndian(record) != End64Signature)
            throw Damaged(path, "its 64-bit directory record is missing");

        return (Int64(record, 48), Int64(record, 40));
    }

    private static ArchiveEntry? ParseEntry(ReadOnlySpan<byte> entry, string path)
    {
        int nameLength = UInt16(entry, 28);
        string name = Encoding.UTF8.GetString(entry.Slice(EntryLength, nameLength));
        if (name.EndsWith('/'))
            return null;

        const int encrypted = 1;
        if ((UInt16(entry, 8) & encrypted) != 0)
            throw Damaged(path, $"'{name}' is encrypted");

        int method = UInt16(entry, 10);
        if (method is not (Stored or Deflated))
            throw Damaged(path, $"'{name}' uses compression method {method}, expected 0 (stored) or 8 (deflate)");

        long stored = UInt32(entry, 20);
        long length = UInt32(entry, 24);
        long offset = UInt32(entry, 42);
        ReadExtra64(entry.Slice(EntryLength + nameLength, UInt16(entry, 30)), ref length, ref stored, ref offset);
        return new ArchiveEntry(name, offset, stored, length, method == Deflated, UInt32(entry, 16));
    }

    // Only the values that do not fit the entry's 32 bits are in the extra field, in this order.
    private static void ReadExtra64(ReadOnlySpan<byte> extra, ref long length, ref long stored, ref long offset)
    {
        while (extra.Length >= 4)
        {
            int size = Math.Min(UInt16(extra, 2), extra.Length - 4);
            ReadOnlySpan<byte> field = extra.Slice(4, size);
            if (UInt16(extra, 0) == Zip64Field)
            {
                Replace(ref length, ref field);
                Replace(ref stored, ref field);
                Replace(ref offset, ref field);
                return;
            }

            extra = extra[(4 + size)..];
        }

        static void Replace(ref long value, ref ReadOnlySpan<byte> field)
        {
            if (value != uint.MaxValue || field.Length < sizeof(long))
                return;

            value = Int64(field, 0);
            field = field[sizeof(long)..];
        }
    }

    private static int UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long Int64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

    private static DatasetException Damaged(string path, string what) => new(
        $"{path}: the zip archive cannot be used: {what}. Make it again (zip -0 -r {Path.GetFileName(path)} FOLDER).");
}
