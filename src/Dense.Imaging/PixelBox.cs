namespace Dense.Imaging;

/// <summary>A rectangle of whole pixels: columns Left … Left + Width − 1, rows Top … Top + Height − 1.</summary>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public readonly record struct PixelBox(int Left, int Top, int Width, int Height)
{
    /// <summary>All pixels of an image.</summary>
    public static PixelBox Whole(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new(0, 0, image.Width, image.Height);
    }

    /// <summary>Whether the box is not empty and lies within an image of this size.</summary>
    public bool FitsInto(int width, int height) =>
        Left >= 0 && Top >= 0 && Width > 0 && Height > 0 && Left <= width - Width && Top <= height - Height;
}
