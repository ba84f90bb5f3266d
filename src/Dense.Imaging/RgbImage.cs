namespace Dense.Imaging;

/// <summary>
/// An 8-bit RGB image, interleaved (R, G, B of one pixel side by side), row by row from the top, no padding between
/// rows. Its buffer is reused: a worker decodes thousands of images into one object without new large arrays.
/// </summary>
/// <remarks>
/// Pixel (0, 0) is the top left one and its centre lies at (0.5, 0.5). Not safe for concurrent writes.
/// </remarks>
public sealed class RgbImage
{
    /// <summary>
    /// Bytes that stay allocated behind the last pixel, so that 32-byte reads may start at any pixel.
    /// </summary>
    internal const int ReadSlack = 32;

    private byte[] _buffer;

    /// <summary>Creates an image without pixels, to be filled by a decoder.</summary>
    public RgbImage() => _buffer = [];

    /// <summary>Creates a black image.</summary>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive or the image exceeds 2 GiB.</exception>
    public RgbImage(int width, int height)
    {
        _buffer = [];
        Reshape(width, height);
    }

    /// <summary>Columns; 0 before the first image.</summary>
    public int Width { get; private set; }

    /// <summary>Rows; 0 before the first image.</summary>
    public int Height { get; private set; }

    /// <summary>Bytes of one row: three per column.</summary>
    public int RowBytes => Width * 3;

    /// <summary>All pixels, Height × Width × 3 bytes.</summary>
    public Span<byte> Pixels => _buffer.AsSpan(0, RowBytes * Height);

    /// <summary>The pixels and at least <see cref="ReadSlack"/> readable bytes after them.</summary>
    internal Span<byte> PixelsWithSlack => _buffer;

    /// <summary>One row, Width × 3 bytes.</summary>
    /// <param name="y">From 0 at the top.</param>
    public Span<byte> Row(int y)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(y);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(y, Height);
        return _buffer.AsSpan(y * RowBytes, RowBytes);
    }

    /// <summary>
    /// Gives the image another size. The buffer grows when it must and never shrinks; the pixels are undefined
    /// afterwards.
    /// </summary>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive or the image exceeds 2 GiB.</exception>
    public void Reshape(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        long needed = (3L * width * height) + ReadSlack;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(needed, Array.MaxLength, nameof(height));

        if (_buffer.Length < needed)
            _buffer = new byte[needed];
        Width = width;
        Height = height;
    }

    /// <summary>Makes this image equal to another one.</summary>
    /// <param name="source">The image to copy; may be larger or smaller.</param>
    public void CopyFrom(RgbImage source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Reshape(source.Width, source.Height);
        source.Pixels.CopyTo(Pixels);
    }
}
