using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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
    public static void Saturation(PlanarImage image, float factor) =>
        SaturationScalar(image, factor, ByteLanes.IsSupported ? SaturationAvx2(image, factor) : 0);

    /// <summary>Blends values with one degenerate value.</summary>
    internal static void WithConstant(Span<byte> values, int degenerate, float factor)
    {
        int done = ByteLanes.IsSupported ? WithConstantAvx2(values, degenerate, factor) : 0;
        WithConstantScalar(values[done..], degenerate, factor);
    }

    /// <summary>The plain form.</summary>
    internal static void WithConstantScalar(Span<byte> values, int degenerate, float factor)
    {
        foreach (ref byte v in values)
            v = One(degenerate, v, factor);
    }

    /// <summary>The plain form, from one pixel on.</summary>
    internal static void SaturationScalar(PlanarImage image, float factor, int from)
    {
        Span<byte> r = image.Plane(0), g = image.Plane(1), b = image.Plane(2);
        for (int i = from; i < r.Length; i++)
        {
            int gray = Luma.Of(r[i], g[i], b[i]);
            r[i] = One(gray, r[i], factor);
            g[i] = One(gray, g[i], factor);
            b[i] = One(gray, b[i], factor);
        }
    }

    private static byte One(int degenerate, int value, float factor)
    {
        float scaled = factor * (value - degenerate);
        float x = degenerate + scaled;
        return x <= 0 ? (byte)0 : x >= 255 ? (byte)255 : (byte)x;
    }

    private static unsafe int WithConstantAvx2(Span<byte> values, int degenerate, float factor)
    {
        int count = values.Length / ByteLanes.Count * ByteLanes.Count;
        Vector256<float> d = Vector256.Create((float)degenerate), f = Vector256.Create(factor);
        fixed (byte* v = values)
        {
            for (int i = 0; i < count; i += ByteLanes.Count)
                ByteLanes.StoreTruncated(v + i, Lanes(d, ByteLanes.Load(v + i), f));
        }

        return count;
    }

    private static unsafe int SaturationAvx2(PlanarImage image, float factor)
    {
        int count = image.PlaneSize / ByteLanes.Count * ByteLanes.Count;
        Vector256<float> f = Vector256.Create(factor);
        fixed (byte* red = image.Plane(0), green = image.Plane(1), blue = image.Plane(2))
        {
            for (int i = 0; i < count; i += ByteLanes.Count)
            {
                Vector256<float> r = ByteLanes.Load(red + i), g = ByteLanes.Load(green + i);
                Vector256<float> b = ByteLanes.Load(blue + i);
                Vector256<float> gray = Luma.Of(r, g, b);
                ByteLanes.StoreTruncated(red + i, Lanes(gray, r, f));
                ByteLanes.StoreTruncated(green + i, Lanes(gray, g, f));
                ByteLanes.StoreTruncated(blue + i, Lanes(gray, b, f));
            }
        }

        return count;
    }

    // Multiplied and added apart: a fused operation would round once and differ from Pillow.
    private static Vector256<float> Lanes(
        Vector256<float> degenerate, Vector256<float> value, Vector256<float> factor) =>
        Avx.Add(degenerate, Avx.Multiply(factor, Avx.Subtract(value, degenerate)));
}
