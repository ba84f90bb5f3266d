namespace Dense.Imaging;

/// <summary>Moves pixels between interleaved and planar images.</summary>
internal static class PixelLayout
{
    /// <summary>Writes planes as interleaved pixels.</summary>
    public static void Interleave(PlanarImage source, RgbImage destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        destination.Reshape(source.Width, source.Height);
        ReadOnlySpan<byte> r = source.Plane(0), g = source.Plane(1), b = source.Plane(2);
        Span<byte> pixels = destination.Pixels;
        for (int i = 0; i < r.Length; i++)
        {
            pixels[3 * i] = r[i];
            pixels[(3 * i) + 1] = g[i];
            pixels[(3 * i) + 2] = b[i];
        }
    }

    /// <summary>
    /// Writes a window of an image as planes; where the window reaches beyond the image the pixels are black.
    /// </summary>
    public static void Deinterleave(RgbImage source, PixelBox window, PlanarImage destination)
    {
        destination.Reshape(window.Width, window.Height);
        destination.All.Clear();
        int left = Math.Max(window.Left, 0), right = Math.Min(window.Left + window.Width, source.Width);
        int top = Math.Max(window.Top, 0), bottom = Math.Min(window.Top + window.Height, source.Height);
        Span<byte> r = destination.Plane(0), g = destination.Plane(1), b = destination.Plane(2);
        for (int y = top; y < bottom; y++)
        {
            ReadOnlySpan<byte> row = source.Row(y);
            int at = ((y - window.Top) * window.Width) - window.Left;
            for (int x = left; x < right; x++)
            {
                r[at + x] = row[3 * x];
                g[at + x] = row[(3 * x) + 1];
                b[at + x] = row[(3 * x) + 2];
            }
        }
    }

    /// <summary>Mirrors an image left to right.</summary>
    public static void Mirror(RgbImage image)
    {
        for (int y = 0; y < image.Height; y++)
        {
            Span<byte> row = image.Row(y);
            row.Reverse();
            for (int x = 0; x < row.Length; x += 3)
                (row[x], row[x + 2]) = (row[x + 2], row[x]);
        }
    }
}
