using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Dense.Checkpoints.Zip;

/// <summary>
/// Writes stored ZIP records one after another, ZIP64 where sizes ask for it, to a stream that need not seek.
/// </summary>
internal sealed class ZipWriter(Stream stream)
{
    private const int Alignment = 64;
    private const int LocalSize = 30;
    private const int CentralSize = 46;
    private const ushort Utf8Names = 1 << 11;

    // 1980-01-01: a file's bytes do not depend on when it was written.
    private const ushort Date = 0x21;

    // An extra field that readers skip: what PyTorch itself pads with.
    private const ushort PaddingId = 0x4246;
    private const ushort Zip64Id = 1;

    private readonly List<Written> _records = [];
    private long _position;

    private readonly record struct Written(byte[] Name, uint Crc32, long Size, long HeaderOffset);

    /// <summary>Writes a record; its bytes begin at a multiple of 64.</summary>
    public void Add(string name, ReadOnlyMemory<byte> bytes)
    {
        var record = new Written(Encoding.UTF8.GetBytes(name), Crc32.HashToUInt32(bytes.Span), bytes.Length, _position);
        int before = LocalSize + record.Name.Length + 4;
        int padding = (int)(-(_position + before) & (Alignment - 1));

        byte[] header = new byte[before + padding];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x04034b50);
        WriteCommon(header.AsSpan(4), record, (uint)record.Size, padding + 4);
        record.Name.CopyTo(header, LocalSize);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(before - 4), PaddingId);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(before - 2), (ushort)padding);

        Emit(header);
        Emit(bytes.Span);
        _records.Add(record);
    }

    /// <summary>Writes the directory.</summary>
    public void Finish()
    {
        long start = _position;
        foreach (Written record in _records)
            WriteCentral(record);

        long size = _position - start;
        bool wide = start >= uint.MaxValue || size >= uint.MaxValue || _records.Count >= ushort.MaxValue;
        if (wide)
            WriteEnd64(start, size);

        byte[] end = new byte[22];
        ushort count = wide ? ushort.MaxValue : (ushort)_records.Count;
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054b50);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(8), count);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(10), count);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(12), wide ? uint.MaxValue : (uint)size);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(16), wide ? uint.MaxValue : (uint)start);
        Emit(end);
    }

    // Version, flags, method 0, time, date, CRC-32, both sizes, lengths of name and extra: alike in both headers.
    private static void WriteCommon(Span<byte> header, Written record, uint size, int extraLength)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(header, 45);
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], Utf8Names);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Date);
        BinaryPrimitives.WriteUInt32LittleEndian(header[10..], record.Crc32);
        BinaryPrimitives.WriteUInt32LittleEndian(header[14..], size);
        BinaryPrimitives.WriteUInt32LittleEndian(header[18..], size);
        BinaryPrimitives.WriteUInt16LittleEndian(header[22..], (ushort)record.Name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header[24..], (ushort)extraLength);
    }

    private void WriteCentral(Written record)
    {
        // One record stays below 2 GiB, so only its place can need 64 bits.
        bool wide = record.HeaderOffset >= uint.MaxValue;
        int extra = wide ? 12 : 0;
        byte[] header = new byte[CentralSize + record.Name.Length + extra];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x02014b50);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), 45);
        WriteCommon(header.AsSpan(6), record, (uint)record.Size, extra);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(42), wide ? uint.MaxValue : (uint)record.HeaderOffset);
        record.Name.CopyTo(header, CentralSize);
        if (wide)
        {
            Span<byte> field = header.AsSpan(CentralSize + record.Name.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(field, Zip64Id);
            BinaryPrimitives.WriteUInt16LittleEndian(field[2..], 8);
            BinaryPrimitives.WriteInt64LittleEndian(field[4..], record.HeaderOffset);
        }

        Emit(header);
    }

    private void WriteEnd64(long start, long size)
    {
        byte[] end = new byte[56 + 20];
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06064b50);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(4), 44);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(12), 45);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(14), 45);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(24), _records.Count);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(32), _records.Count);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(40), size);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(48), start);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(56), 0x07064b50);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(64), _position);
        BinaryPrimitives.WriteInt32LittleEndian(end.AsSpan(72), 1);
        Emit(end);
    }

    private void Emit(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        _position += bytes.Length;
    }
}
