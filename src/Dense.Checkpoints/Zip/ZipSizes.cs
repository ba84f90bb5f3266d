using System.Buffers.Binary;
using Dense.Checkpoints.Files;

namespace Dense.Checkpoints.Zip;

/// <summary>The three numbers of a ZIP record that ZIP64 may move into an extra field.</summary>
internal readonly record struct ZipSizes(long Size, long StoredSize, long HeaderOffset)
{
    private const int Zip64Id = 1;

    /// <summary>Takes the numbers that do not fit 32 bits from the ZIP64 extra field.</summary>
    public ZipSizes Widen(ByteSource source, long offset, ReadOnlySpan<byte> extra)
    {
        if (Size != uint.MaxValue && StoredSize != uint.MaxValue && HeaderOffset != uint.MaxValue)
            return this;

        ReadOnlySpan<byte> field = FindZip64(source, offset, extra);
        long size = Next(source, offset, Size, ref field);
        long storedSize = Next(source, offset, StoredSize, ref field);
        long headerOffset = Next(source, offset, HeaderOffset, ref field);
        return new(size, storedSize, headerOffset);
    }

    private static ReadOnlySpan<byte> FindZip64(ByteSource source, long offset, ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int id = BinaryPrimitives.ReadUInt16LittleEndian(extra);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (length > extra.Length - 4)
                break;

            if (id == Zip64Id)
                return extra.Slice(4, length);

            extra = extra[(4 + length)..];
        }

        throw source.Refuse(offset, "a ZIP record announces ZIP64 sizes but does not carry them.");
    }

    private static long Next(ByteSource source, long offset, long narrow, ref ReadOnlySpan<byte> field)
    {
        if (narrow != uint.MaxValue)
            return narrow;

        if (field.Length < 8)
            throw source.Refuse(offset, "the ZIP64 field of a record is too short.");

        long wide = BinaryPrimitives.ReadInt64LittleEndian(field);
        field = field[8..];
        return wide >= 0 ? wide : throw source.Refuse(offset, $"the ZIP64 field of a record holds {(ulong)wide}.");
    }
}
