using System.Collections.Concurrent;
using System.IO.MemoryMappedFiles;

namespace Dense.Checkpoints.Files;

/// <summary>
/// A file mapped into memory: its bytes are used where the file system's cache holds them, without a copy.
/// </summary>
internal sealed unsafe class MappedByteSource : ByteSource, IDisposable
{
    // A span does not keep its mapping alive, so nothing but Dispose may end one.
    private static readonly ConcurrentDictionary<MappedByteSource, byte> Open = new();

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _start;

    public MappedByteSource(string path)
        : this(path, new FileInfo(path).Length)
    {
    }

    private MappedByteSource(string path, long length)
        : base(path, length)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
        Open[this] = 0;
    }

    public override bool IsInMemory => true;

    /// <summary>The address of a range.</summary>
    /// <exception cref="ObjectDisposedException">The mapping has ended.</exception>
    public byte* PointerTo(long offset)
    {
        ObjectDisposedException.ThrowIf(_start == null, typeof(CheckpointFile));
        return _start + offset;
    }

    public void Dispose()
    {
        if (!Open.TryRemove(this, out _))
            return;

        _start = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    protected override void ReadCore(long offset, Span<byte> buffer) =>
        new ReadOnlySpan<byte>(PointerTo(offset), buffer.Length).CopyTo(buffer);

    protected override ReadOnlyMemory<byte> SliceCore(long offset, int length) =>
        new MappedMemory(this, offset, length).Memory;
}
