namespace Dense.Imaging;

/// <summary>Turns the colours of an image around the circle by way of 8-bit HSV (P-92).</summary>
internal static class Hue
{
    /// <summary>The shift in steps of 1/256 turn that a factor means, modulo 256.</summary>
    /// <param name="factor">Turns, −0.5…0.5.</param>
    public static byte Steps(float factor) => unchecked((byte)(int)(factor * 255.0));

    /// <summary>Shifts the hue of every pixel; a shift of 0 still rounds through HSV.</summary>
    public static void Shift(PlanarImage image, byte steps) =>
        ShiftScalar(image, steps, ByteLanes.IsSupported ? ShiftAvx2(image, steps) : 0);

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

    private static unsafe int ShiftAvx2(PlanarImage image, byte steps)
    {
        int count = image.PlaneSize / ByteLanes.Count * ByteLanes.Count;
        fixed (byte* r = image.Plane(0), g = image.Plane(1), b = image.Plane(2))
        {
            for (int i = 0; i < count; i += ByteLanes.Count)
            {
                HsvLanes hsv = HsvLanes.FromRgb(ByteLanes.Load(r + i), ByteLanes.Load(g + i), ByteLanes.Load(b + i));
                hsv.Turn(steps).ToRgb(r + i, g + i, b + i);
            }
        }

        return count;
    }
}
