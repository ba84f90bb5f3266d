namespace Dense.Training.Detection.Data.Mapping;

/// <summary>The size that an image is resized to (E-109).</summary>
public static class ShortestEdge
{
    /// <summary>
    /// Scales so that the short side becomes <paramref name="length"/>, or less when the long side would exceed
    /// <paramref name="maximum"/>.
    /// </summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="length">Wanted length of the short side; 0 leaves the size as it is.</param>
    /// <param name="maximum">Largest long side.</param>
    /// <returns>The new size, at least 1×1.</returns>
    public static (int Height, int Width) Fit(int height, int width, int length, int maximum)
    {
        if (length == 0)
            return (height, width);

        double scale = length / (double)Math.Min(height, width);
        (double h, double w) = height < width ? (length, scale * width) : (scale * height, (double)length);
        if (Math.Max(h, w) > maximum)
        {
            double shrink = maximum / Math.Max(h, w);
            h *= shrink;
            w *= shrink;
        }

        // The reference ends with an error where a side of a very long image would round to 0.
        return (Math.Max(1, (int)(h + 0.5)), Math.Max(1, (int)(w + 0.5)));
    }
}
