using System.Buffers.Binary;
using Dense.Checkpoints.Files;

namespace Dense.Checkpoints.Zip;

/// <summary>The header that stands before a record's bytes; it must say what the directory says.</summary>
internal static class ZipLocalHeader
{
    private const uint Signature = 0x04034b50;
    private const int FixedSize = 30;
    private const int SizesFollow = 1 << 3;
    private const int Encrypted = 1;

    /// <summary>Compares a local header with the directory's entry.</summary>
    /// <returns>Where the record's bytes begin.</returns>
    public static long Check(ByteSource source, ZipEntry entry, int method, ReadOnlySpan<byte> rawName)
    {
        long offset = entry.HeaderOffset;
        source.Require(offset, FixedSize, $"the header of record '{entry.Name}'");
        Span<byte> header = stackalloc byte[FixedSize];
        source.Read(offset, header);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Signature)
            throw source.Refuse(offset, $"record '{entry.Name}' should begin here, but does not.");

        int flags = BinaryPrimitives.ReadUInt16LittleEndian(header[6..]);
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header[26..]);
        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        byte[] names = new byte[nameLength + extraLength];
        source.Read(offset + FixedSize, names);

        bool differs = (flags & Encrypted) != 0 ||
            BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) != method ||
            !names.AsSpan(0, nameLength).SequenceEqual(rawName) ||
            !SameSizes(source, entry, header, flags, names.AsSpan(nameLength));
        if (differs)
        {
            throw source.Refuse(
                offset, $"the header here contradicts the ZIP directory, which calls this record '{entry.Name}'. " +
                "The file is damaged or made to deceive.");
        }

        long data = offset + FixedSize + names.Length;
        source.Require(data, entry.StoredSize, $"record '{entry.Name}'");
        return data;
    }

    private static bool SameSizes(
        ByteSource source, ZipEntry entry, ReadOnlySpan<byte> header, int flags, ReadOnlySpan<byte> extra)
    {
        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(header[14..]);
        var sizes = new ZipSizes(
            BinaryPrimitives.ReadUInt32LittleEndian(header[22..]),
            BinaryPrimitives.ReadUInt32LittleEndian(header[18..]),
            HeaderOffset: 0).Widen(source, entry.HeaderOffset, extra);

        // A writer that streams leaves zeros here and puts the values behind the bytes; PyTorch does so.
        bool later = (flags & SizesFollow) != 0;
        return (crc == entry.Crc32 || (later && crc == 0)) &&
            (sizes.Size == entry.Size || (later && sizes.Size == 0)) &&
            (sizes.StoredSize == entry.StoredSize || (later && sizes.StoredSize == 0));
    }
}
