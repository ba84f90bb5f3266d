namespace Dense.Imaging;

/// <summary>The grey value of a colour: (19595 R + 38470 G + 7471 B + 32768) >> 16 (P-89).</summary>
internal static class Luma
{
    /// <summary>Weight of each channel in units of 2⁻¹⁶.</summary>
    public const int RedWeight = 19595, GreenWeight = 38470, BlueWeight = 7471, Half = 32768, Shift = 16;

    /// <summary>Grey of one pixel.</summary>
    public static byte Of(int r, int g, int b) =>
        (byte)(((RedWeight * r) + (GreenWeight * g) + (BlueWeight * b) + Half) >> Shift);

    /// <summary>Sum of the grey values of all pixels.</summary>
    public static long Sum(PlanarImage image)
    {
        ReadOnlySpan<byte> r = image.Plane(0), g = image.Plane(1), b = image.Plane(2);
        long sum = 0;
        for (int i = 0; i < r.Length; i++)
            sum += Of(r[i], g[i], b[i]);
        return sum;
    }

    /// <summary>Replaces every pixel by its grey, in all three channels.</summary>
    public static void ReplaceColors(PlanarImage image)
    {
        Span<byte> r = image.Plane(0), g = image.Plane(1), b = image.Plane(2);
        for (int i = 0; i < r.Length; i++)
            r[i] = g[i] = b[i] = Of(r[i], g[i], b[i]);
    }
}
