using System.Buffers.Binary;
using System.Text;
using Dense.Checkpoints.Files;

namespace Dense.Checkpoints.Zip;

/// <summary>
/// Reads the list of records of a ZIP archive, and insists that the central directory and the local headers say the
/// same: archives that show different content to different readers are refused.
/// </summary>
internal static class ZipDirectory
{
    private const uint CentralSignature = 0x02014b50;
    private const int CentralSize = 46;
    private const int MostEntries = 200_000;
    private const int Stored = 0;
    private const int Deflated = 8;

    // Bit 0: encrypted; 5: patch data; 6: strongly encrypted; 13: directory is encrypted.
    private const int RefusedFlags = 1 | (1 << 5) | (1 << 6) | (1 << 13);

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads and checks all records, in the order of the directory.</summary>
    /// <exception cref="CheckpointFormatException">The archive is damaged, encrypted or ambiguous.</exception>
    public static IReadOnlyList<ZipEntry> Read(ByteSource source)
    {
        ZipEndRecord end = ZipEndRecord.Read(source);
        if (end.EntryCount > MostEntries || end.EntryCount * CentralSize > end.DirectorySize)
            throw source.Refuse(end.DirectoryOffset, $"the ZIP directory cannot hold {end.EntryCount} records.");

        ReadOnlySpan<byte> directory = source.Slice(end.DirectoryOffset, end.DirectorySize, "the ZIP directory").Span;
        var entries = new List<ZipEntry>((int)end.EntryCount);
        var names = new HashSet<string>(StringComparer.Ordinal);
        int at = 0;
        while (entries.Count < end.EntryCount)
        {
            ZipEntry entry = ReadEntry(source, directory, end.DirectoryOffset, ref at);
            if (!names.Add(entry.Name))
                throw source.Refuse(entry.HeaderOffset, $"the ZIP archive holds two records named '{entry.Name}'.");

            entries.Add(entry);
        }

        if (at != directory.Length)
            throw source.Refuse(end.DirectoryOffset + at, "the ZIP directory holds more than the records that it " +
                "announces.");

        RefuseOverlap(source, entries, end.DirectoryOffset);
        return entries;
    }

    private static ZipEntry ReadEntry(ByteSource source, ReadOnlySpan<byte> directory, long directoryOffset, ref int at)
    {
        long offset = directoryOffset + at;
        ReadOnlySpan<byte> rest = directory[at..];
        if (rest.Length < CentralSize || BinaryPrimitives.ReadUInt32LittleEndian(rest) != CentralSignature)
            throw source.Refuse(offset, "the ZIP directory is damaged: a record should begin here.");

        int flags = BinaryPrimitives.ReadUInt16LittleEndian(rest[8..]);
        int method = BinaryPrimitives.ReadUInt16LittleEndian(rest[10..]);
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[28..]);
        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[30..]);
        int commentLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[32..]);
        if (rest.Length - CentralSize < nameLength + extraLength + commentLength)
            throw source.Refuse(offset, "the ZIP directory is damaged: a record reaches past its end.");

        ReadOnlySpan<byte> rawName = rest.Slice(CentralSize, nameLength);
        string name = ReadName(source, offset, rawName);
        if ((flags & RefusedFlags) != 0)
            throw source.Refuse(offset, $"record '{name}' is encrypted or patched (flags 0x{flags:x4}). Unpack the " +
                "archive first.");

        if (method is not (Stored or Deflated))
            throw source.Refuse(offset, $"record '{name}' uses compression method {method}; only stored and deflated " +
                "records are read.");

        var sizes = new ZipSizes(
            BinaryPrimitives.ReadUInt32LittleEndian(rest[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(rest[20..]),
            BinaryPrimitives.ReadUInt32LittleEndian(rest[42..]))
            .Widen(source, offset, rest.Slice(CentralSize + nameLength, extraLength));
        if (method == Stored && sizes.Size != sizes.StoredSize)
            throw source.Refuse(offset, $"record '{name}' is stored, but its two sizes differ: {sizes.StoredSize} " +
                $"and {sizes.Size}.");

        at += CentralSize + nameLength + extraLength + commentLength;
        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(rest[16..]);
        var entry = new ZipEntry(name, method == Deflated, crc, sizes.StoredSize, sizes.Size, sizes.HeaderOffset, 0);
        return entry with { DataOffset = ZipLocalHeader.Check(source, entry, method, rawName) };
    }

    private static string ReadName(ByteSource source, long offset, ReadOnlySpan<byte> raw)
    {
        string name;
        try
        {
            name = StrictUtf8.GetString(raw);
        }
        catch (DecoderFallbackException e)
        {
            throw source.Refuse(offset, "the name of a ZIP record is not UTF-8.", e);
        }

        bool climbs = name.StartsWith('/') || name.Contains('\\') || name.Split('/').Contains("..");
        if (name.Length == 0 || climbs || name.Any(char.IsControl))
            throw source.Refuse(offset, $"the ZIP record name '{CheckpointValue.Shorten(name)}' is not one that a " +
                "weight file has.");

        return name;
    }

    private static void RefuseOverlap(ByteSource source, IEnumerable<ZipEntry> entries, long directoryOffset)
    {
        long free = 0;
        foreach (ZipEntry entry in entries.OrderBy(e => e.HeaderOffset))
        {
            if (entry.HeaderOffset < free)
                throw source.Refuse(entry.HeaderOffset, $"record '{entry.Name}' overlaps another record of the ZIP " +
                    "archive.");

            free = entry.DataOffset + entry.StoredSize;
        }

        if (free > directoryOffset)
            throw source.Refuse(directoryOffset, "the last record of the ZIP archive overlaps its directory.");
    }
}
