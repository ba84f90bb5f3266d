namespace Dense.Checkpoints.Files;

/// <summary>The bytes of a file, on disk or in memory, with bounds that are always checked.</summary>
internal abstract class ByteSource
{
    protected ByteSource(string name, long length)
    {
        Name = name;
        Length = length;
    }

    /// <summary>How messages call the file.</summary>
    public string Name { get; }

    public long Length { get; }

    /// <summary>Whether <see cref="Slice"/> costs nothing.</summary>
    public virtual bool IsInMemory => false;

    /// <summary>Fills the buffer from the offset.</summary>
    /// <exception cref="CheckpointFormatException">The file is shorter.</exception>
    public void Read(long offset, Span<byte> buffer)
    {
        Require(offset, buffer.Length, "the bytes");
        ReadCore(offset, buffer);
    }

    /// <summary>A range of the file; in memory without a copy.</summary>
    public ReadOnlyMemory<byte> Slice(long offset, long length, string what)
    {
        Require(offset, length, what);
        if (length > Array.MaxLength)
            throw Refuse(offset, $"{what} takes {length} bytes; at most {Array.MaxLength} are supported in one piece.");

        return SliceCore(offset, (int)length);
    }

    /// <summary>Refuses the file when it ends before the range does.</summary>
    public void Require(long offset, long length, string what)
    {
        if (offset < 0 || length < 0)
            throw Refuse(null, $"{what} has a negative position or size ({offset}, {length}).");

        if (offset > Length || length > Length - offset)
        {
            throw Refuse(offset, $"the file is truncated: {what} needs {length} bytes here, " +
                $"but the file ends at byte {Length}. Copy or download it again.");
        }
    }

    public CheckpointFormatException Refuse(long? offset, string problem, Exception? inner = null) =>
        new(Name, problem, offset, inner);

    protected abstract void ReadCore(long offset, Span<byte> buffer);

    protected abstract ReadOnlyMemory<byte> SliceCore(long offset, int length);
}
