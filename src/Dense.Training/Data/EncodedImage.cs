namespace Dense.Training.Data;

/// <summary>
/// The bytes of one image file, in memory that is used again for the next one. Not safe for use by several threads at
/// once: each worker has its own.
/// </summary>
public sealed class EncodedImage
{
    private byte[] _bytes = [];

    /// <summary>Number of bytes.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes; valid until the next <see cref="Resize"/>.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>The bytes as memory; valid until the next <see cref="Resize"/>.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    /// <summary>Changes the length and returns the memory to fill. The former content is lost.</summary>
    public Span<byte> Resize(int length)
    {
        if (_bytes.Length < length)
        {
            _bytes = GC.AllocateUninitializedArray<byte>(
                Math.Max(length, Math.Min(2 * _bytes.Length, Array.MaxLength)));
        }

        Length = length;
        return _bytes.AsSpan(0, length);
    }
}
