namespace Dense.Imaging;

/// <summary>
/// An 8-bit image whose channels lie one after the other: all of R, all of G, all of B, each row by row without
/// padding. What the augmentations work on. The buffer is reused.
/// </summary>
internal sealed class PlanarImage
{
    private byte[] _buffer = [];

    /// <summary>Columns.</summary>
    public int Width { get; private set; }

    /// <summary>Rows.</summary>
    public int Height { get; private set; }

    /// <summary>Pixels of one channel.</summary>
    public int PlaneSize => Width * Height;

    /// <summary>All three channels.</summary>
    public Span<byte> All => _buffer.AsSpan(0, 3 * PlaneSize);

    /// <summary>One channel, Height × Width bytes.</summary>
    /// <param name="channel">0 for R, 1 for G, 2 for B.</param>
    public Span<byte> Plane(int channel) => _buffer.AsSpan(channel * PlaneSize, PlaneSize);

    /// <summary>Gives the image another size; the pixels are undefined afterwards.</summary>
    public void Reshape(int width, int height)
    {
        long needed = 3L * width * height;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(needed, Array.MaxLength, nameof(height));
        if (_buffer.Length < needed)
            _buffer = new byte[needed];
        Width = width;
        Height = height;
    }
}
