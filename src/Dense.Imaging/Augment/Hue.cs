namespace Dense.Imaging;

/// <summary>Turns the colours of an image around the circle by way of 8-bit HSV (P-92).</summary>
internal static class Hue
{
    /// <summary>The shift in steps of 1/256 turn that a factor means, modulo 256.</summary>
    /// <param name="factor">Turns, −0.5…0.5.</param>
    public static byte Steps(float factor) => unchecked((byte)(int)(factor * 255.0));

    /// <summary>Shifts the hue of every pixel; a shift of 0 still rounds through HSV.</summary>
    public static void Shift(PlanarImage image, byte steps) => ShiftScalar(image, steps, 0);

    /// <summary>The plain form, from one pixel on.</summary>
    internal static void ShiftScalar(PlanarImage image, byte steps, int from)
    {
        Span<byte> r = image.Plane(0), g = image.Plane(1), b = image.Plane(2);
        for (int i = from; i < r.Length; i++)
        {
            (byte h, byte s, byte v) = Hsv.FromRgb(r[i], g[i], b[i]);
            (r[i], g[i], b[i]) = Hsv.ToRgb((byte)(h + steps), s, v);
        }
    }
}
