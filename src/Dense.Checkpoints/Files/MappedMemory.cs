using System.Buffers;

namespace Dense.Checkpoints.Files;

/// <summary>
/// A range of a mapped file as memory. Using it after the file was disposed is an exception, not a crash.
/// </summary>
internal sealed unsafe class MappedMemory(MappedByteSource source, long offset, int length) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => new(source.PointerTo(offset), length);

    public override MemoryHandle Pin(int elementIndex = 0) =>
        new(source.PointerTo(offset) + elementIndex, default, this);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
