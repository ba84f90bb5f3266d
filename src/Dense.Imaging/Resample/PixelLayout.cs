using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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

    /// <summary>Keeps R, G and B of four-byte pixels as they are, whatever their alpha says.</summary>
    /// <param name="rgba">Height × Width × 4 bytes.</param>
    /// <param name="destination">An image of that size.</param>
    public static void DropAlpha(ReadOnlySpan<byte> rgba, RgbImage destination)
    {
        int done = Ssse3.IsSupported ? DropAlphaSsse3(rgba, destination.PixelsWithSlack) : 0;
        Span<byte> pixels = destination.Pixels;
        for (int i = done; i < rgba.Length / 4; i++)
        {
            pixels[3 * i] = rgba[4 * i];
            pixels[(3 * i) + 1] = rgba[(4 * i) + 1];
            pixels[(3 * i) + 2] = rgba[(4 * i) + 2];
        }
    }

    // Stores 16 bytes of which 12 count: the slack behind the last pixel makes that safe. Returns the pixels done.
    private static int DropAlphaSsse3(ReadOnlySpan<byte> rgba, Span<byte> pixels)
    {
        Vector128<byte> keep = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);
        int groups = rgba.Length / Vector128<byte>.Count;
        for (int i = 0; i < groups; i++)
            Ssse3.Shuffle(Vector128.Create(rgba.Slice(16 * i, 16)), keep).CopyTo(pixels.Slice(12 * i, 16));
        return groups * 4;
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
