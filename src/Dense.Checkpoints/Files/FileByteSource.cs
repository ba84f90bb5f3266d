using Microsoft.Win32.SafeHandles;

namespace Dense.Checkpoints.Files;

/// <summary>A file on disk, read at given positions, from several threads if need be.</summary>
internal sealed class FileByteSource : ByteSource, IDisposable
{
    private readonly SafeFileHandle _handle;

    public FileByteSource(string path)
        : this(path, File.OpenHandle(path))
    {
    }

    private FileByteSource(string path, SafeFileHandle handle)
        : base(path, RandomAccess.GetLength(handle))
    {
        _handle = handle;
    }

    public void Dispose() => _handle.Dispose();

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int count = RandomAccess.Read(_handle, buffer, offset);
            if (count == 0)
                throw Refuse(offset, "the file became shorter while it was read.");

            buffer = buffer[count..];
            offset += count;
        }
    }

    protected override ReadOnlyMemory<byte> SliceCore(long offset, int length)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(length);
        ReadCore(offset, buffer);
        return buffer;
    }
}
