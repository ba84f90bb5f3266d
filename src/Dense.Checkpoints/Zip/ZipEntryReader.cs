using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Dense.Checkpoints.Files;

namespace Dense.Checkpoints.Zip;

/// <summary>Reads the bytes of ZIP records and compares each with its CRC-32, always (reliability R8).</summary>
internal sealed class ZipEntryReader(ByteSource source, MemoryBudget budget)
{
    // Small enough that the checksum reads from the cache what the file system has just copied there.
    private const int ChunkSize = 1 << 18;

    /// <summary>Reads a record. Safe to call from several threads for stored records.</summary>
    public ReadOnlyMemory<byte> Read(ZipEntry entry)
    {
        if (entry.Size > Array.MaxLength)
            throw source.Refuse(
                entry.DataOffset, $"record '{entry.Name}' takes {entry.Size} bytes; at most {Array.MaxLength} are " +
                "supported.");

        if (entry.IsDeflated)
            return Inflate(entry);

        if (source.IsInMemory)
        {
            ReadOnlyMemory<byte> slice = source.Slice(entry.DataOffset, entry.Size, $"record '{entry.Name}'");
            Compare(entry, Crc32.HashToUInt32(slice.Span));
            return slice;
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)entry.Size);
        var crc = new Crc32();
        for (int at = 0; at < bytes.Length; at += ChunkSize)
        {
            Span<byte> chunk = bytes.AsSpan(at, Math.Min(ChunkSize, bytes.Length - at));
            source.Read(entry.DataOffset + at, chunk);
            crc.Append(chunk);
        }

        Compare(entry, crc.GetCurrentHashAsUInt32());
        return bytes;
    }

    /// <summary>Compares a record with its checksum without keeping its bytes.</summary>
    public void Verify(ZipEntry entry)
    {
        if (entry.IsDeflated)
        {
            Inflate(entry);
            return;
        }

        byte[] chunk = new byte[(int)Math.Min(ChunkSize, entry.Size)];
        var crc = new Crc32();
        for (long at = 0; at < entry.Size; at += chunk.Length)
        {
            Span<byte> part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, entry.Size - at));
            source.Read(entry.DataOffset + at, part);
            crc.Append(part);
        }

        Compare(entry, crc.GetCurrentHashAsUInt32());
    }

    private byte[] Inflate(ZipEntry entry)
    {
        budget.Take(entry.Size, entry.DataOffset, $"the compressed record '{entry.Name}' of {entry.Size} bytes");
        ReadOnlyMemory<byte> stored = source.Slice(entry.DataOffset, entry.StoredSize, $"record '{entry.Name}'");
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)entry.Size);
        try
        {
            using var inflating = new DeflateStream(AsStream(stored), CompressionMode.Decompress);
            inflating.ReadExactly(bytes);
            if (inflating.ReadByte() >= 0)
                throw source.Refuse(entry.DataOffset, $"record '{entry.Name}' inflates to more than the {entry.Size} " +
                    "bytes announced.");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw source.Refuse(entry.DataOffset, $"the compressed record '{entry.Name}' is damaged.", e);
        }

        Compare(entry, Crc32.HashToUInt32(bytes));
        return bytes;
    }

    private static MemoryStream AsStream(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);

    private void Compare(ZipEntry entry, uint found)
    {
        if (found != entry.Crc32)
        {
            throw source.Refuse(entry.DataOffset, $"record '{entry.Name}' is damaged: its CRC-32 is {found:x8}, " +
                $"but the file says {entry.Crc32:x8}. Copy or download it again.");
        }
    }
}
