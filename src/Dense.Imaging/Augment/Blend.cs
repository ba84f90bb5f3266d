namespace Dense.Imaging;

/// <summary>
/// Pillow's blend of a degenerate image d with the image v: d + f·(v − d) in float32, every operation rounded, then
/// clamped to 0…255 and truncated (P-87, P-88).
/// </summary>
internal static class Blend
{
    /// <summary>Blends with black.</summary>
    public static void Brightness(PlanarImage image, float factor) => WithConstant(image.All, 0, factor);

    /// <summary>Blends with the mean grey, rounded.</summary>
    public static void Contrast(PlanarImage image, float factor)
    {
        int mean = (int)(((double)Luma.Sum(image) / image.PlaneSize) + 0.5);
        WithConstant(image.All, mean, factor);
    }

    /// <summary>Blends each pixel with its own grey.</summary>
    public static void Saturation(PlanarImage image, float factor)
    {
        Span<byte> r = image.Plane(0), g = image.Plane(1), b = image.Plane(2);
        for (int i = 0; i < r.Length; i++)
        {
            int gray = Luma.Of(r[i], g[i], b[i]);
            r[i] = One(gray, r[i], factor);
            g[i] = One(gray, g[i], factor);
            b[i] = One(gray, b[i], factor);
        }
    }

    private static void WithConstant(Span<byte> values, int degenerate, float factor)
    {
        Span<byte> table = stackalloc byte[256];
        for (int v = 0; v < 256; v++)
            table[v] = One(degenerate, v, factor);
        for (int i = 0; i < values.Length; i++)
            values[i] = table[values[i]];
    }

    /// <summary>Blends one value.</summary>
    internal static byte One(int degenerate, int value, float factor)
    {
        float scaled = factor * (value - degenerate);
        float x = degenerate + scaled;
        return x <= 0 ? (byte)0 : x >= 255 ? (byte)255 : (byte)x;
    }
}
