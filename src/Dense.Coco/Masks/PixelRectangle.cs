namespace Dense.Coco.Masks;

/// <summary>A rectangle of whole pixels.</summary>
internal readonly record struct PixelRectangle(uint X, uint Y, uint Width, uint Height)
{
    /// <summary>The same as a box.</summary>
    public BoxXywh ToBox() => new(X, Y, Width, Height);

    /// <summary>Number of pixels that both rectangles cover.</summary>
    public long Overlap(in PixelRectangle other)
    {
        long width = Math.Min((long)X + Width, (long)other.X + other.Width) - Math.Max(X, other.X);
        long height = Math.Min((long)Y + Height, (long)other.Y + other.Height) - Math.Max(Y, other.Y);
        return width > 0 && height > 0 ? width * height : 0;
    }
}
