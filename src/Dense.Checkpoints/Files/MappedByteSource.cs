using System.Collections.Concurrent;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

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
        : this(path, File.OpenHandle(path))
    {
    }

    // The length of the open file: FileInfo would give that of a symbolic link, such as latest.pth.
    private MappedByteSource(string path, SafeFileHandle handle)
        : base(path, RandomAccess.GetLength(handle))
    {
        _file = MemoryMappedFile.CreateFromFile(
            handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, RandomAccess.GetLength(handle), MemoryMappedFileAccess.Read);
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
