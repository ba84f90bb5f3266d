namespace Dense.Imaging;

/// <summary>Pillow's 8-bit HSV, both ways, for one pixel (P-90, P-91).</summary>
internal static class Hsv
{
    /// <summary>From RGB.</summary>
    public static (byte H, byte S, byte V) FromRgb(byte r, byte g, byte b)
    {
        byte max = Math.Max(r, Math.Max(g, b)), min = Math.Min(r, Math.Min(g, b));
        if (max == min)
            return (0, 0, max);

        float range = max - min;
        float s = range / max;
        float rc = (max - r) / range, gc = (max - g) / range, bc = (max - b) / range;
        float h = r == max ? bc - gc
            : g == max ? (float)(2.0 + rc - bc)
            : (float)(4.0 + gc - rc);
        h = (float)(((h / 6.0) + 1.0) % 1.0);
        return ((byte)(h * 255.0), (byte)(s * 255.0), max);
    }

    /// <summary>To RGB.</summary>
    public static (byte R, byte G, byte B) ToRgb(byte h, byte s, byte v)
    {
        if (s == 0)
            return (v, v, v);

        double scaled = h * 6.0 / 255.0;
        int sector = (int)scaled;
        float f = (float)(scaled - sector);
        float fs = (float)(s / 255.0);
        byte p = Round(v * (1.0 - fs));
        float fsf = fs * f;
        byte q = Round(v * (1.0 - fsf));
        byte t = Round(v * (1.0 - (fs * (1.0 - f))));
        return (sector % 6) switch
        {
            0 => (v, t, p),
            1 => (q, v, p),
            2 => (p, v, t),
            3 => (p, q, v),
            4 => (t, p, v),
            _ => (v, p, q),
        };
    }

    private static byte Round(double x) => (byte)Math.Clamp(Math.Round(x, MidpointRounding.AwayFromZero), 0, 255);
}
