using System.Buffers.Binary;
using Dense.Checkpoints.Files;

namespace Dense.Checkpoints.Safetensors;

/// <summary>
/// Reads safetensors files: a header length (64 bits), a JSON header, then the raw tensors, which must fill the rest of
/// the file without holes or overlaps.
/// </summary>
internal static class SafetensorsReader
{
    /// <summary>Bytes of the header length.</summary>
    public const int PrefixSize = 8;

    private const long LongestHeader = 100_000_000;

    /// <summary>Whether the first bytes of a file are those of a safetensors file.</summary>
    public static bool LooksLike(ReadOnlySpan<byte> start, long fileLength) =>
        start.Length > PrefixSize && start[PrefixSize] == (byte)'{' &&
        BinaryPrimitives.ReadUInt64LittleEndian(start) <= (ulong)Math.Max(LongestHeader, fileLength);

    /// <summary>Reads a file.</summary>
    /// <exception cref="CheckpointFormatException">The header is malformed, or does not describe the bytes that
    /// follow.</exception>
    public static SafetensorsContent Read(ByteSource source)
    {
        Span<byte> prefix = stackalloc byte[PrefixSize];
        source.Read(0, prefix);
        long headerLength = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (headerLength is < 0 or > LongestHeader)
            throw source.Refuse(
                0, $"the safetensors header claims {(ulong)headerLength} bytes; at most {LongestHeader} are allowed.");

        var budget = new MemoryBudget(source);
        ReadOnlyMemory<byte> json = source.Slice(PrefixSize, headerLength, "the safetensors header");
        SafetensorsHeader header = SafetensorsHeader.Parse(json.Span, source, budget);
        long data = PrefixSize + headerLength;
        CheckRanges(source, header, data);

        var tensors = new CheckpointMap { Location = source.Name };
        foreach (var (name, entry) in header.Entries)
        {
            string what = $"the tensor '{CheckpointValue.Shorten(name)}'";
            ReadOnlyMemory<byte> bytes = source.Slice(data + entry.Start, entry.End - entry.Start, what);
            tensors.Add(name, new TensorRecord(entry.Type, entry.Shape, bytes));
        }

        return new SafetensorsContent(tensors, header.Metadata);
    }

    private static void CheckRanges(ByteSource source, SafetensorsHeader header, long data)
    {
        long at = 0;
        foreach (var (name, entry) in header.Entries.OrderBy(e => e.Value.Start).ThenBy(e => e.Value.End))
        {
            Int128 length = entry.Type.SizeInBytes();
            foreach (long size in entry.Shape)
                length = Int128.Min(length * size, long.MaxValue);

            string quoted = $"the tensor '{CheckpointValue.Shorten(name)}'";
            if (entry.Start != at || entry.End < entry.Start)
                throw source.Refuse(
                    data, $"{quoted} takes bytes {entry.Start} to {entry.End}, but should begin at {at}: no holes, " +
                    "no overlaps.");

            if (length != entry.End - entry.Start)
            {
                string shape = string.Join(", ", entry.Shape);
                throw source.Refuse(data, $"{quoted} of shape [{shape}] and type {entry.Type} should take {length} " +
                    $"bytes, but takes {entry.End - entry.Start}.");
            }

            source.Require(data + entry.Start, entry.End - entry.Start, quoted);
            at = entry.End;
        }

        if (data + at != source.Length)
            throw source.Refuse(data + at, $"the last tensor ends here, but {source.Length - data - at} bytes follow " +
                "it.");
    }
}
