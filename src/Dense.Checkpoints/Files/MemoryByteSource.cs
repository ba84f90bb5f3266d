namespace Dense.Checkpoints.Files;

/// <summary>A file that is already in memory.</summary>
internal sealed class MemoryByteSource(ReadOnlyMemory<byte> bytes, string name) : ByteSource(name, bytes.Length)
{
    public override bool IsInMemory => true;

    protected override void ReadCore(long offset, Span<byte> buffer) =>
        bytes.Span.Slice((int)offset, buffer.Length).CopyTo(buffer);

    protected override ReadOnlyMemory<byte> SliceCore(long offset, int length) => bytes.Slice((int)offset, length);
}
