using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dense.Imaging;

/// <summary>The grey value of a colour: (19595 R + 38470 G + 7471 B + 32768) >> 16 (P-89).</summary>
internal static class Luma
{
    private const int Red = 19595, Green = 38470, Blue = 7471, Half = 32768, Shift = 16;

    /// <summary>Grey of one pixel.</summary>
    public static byte Of(int r, int g, int b) => (byte)(((Red * r) + (Green * g) + (Blue * b) + Half) >> Shift);

    /// <summary>Grey of eight pixels. All intermediate values stay below 2²⁴, so float32 is exact.</summary>
    public static Vector256<float> Of(Vector256<float> r, Vector256<float> g, Vector256<float> b)
    {
        Vector256<float> sum = Fma.MultiplyAdd(r, Vector256.Create((float)Red), Vector256.Create((float)Half));
        sum = Fma.MultiplyAdd(g, Vector256.Create((float)Green), sum);
        sum = Fma.MultiplyAdd(b, Vector256.Create((float)Blue), sum);
        return Avx.RoundToZero(Avx.Multiply(sum, Vector256.Create(1f / (1 << Shift))));
    }

    /// <summary>Sum of the grey values of all pixels.</summary>
    public static long Sum(PlanarImage image)
    {
        int done = ByteLanes.IsSupported ? SumAvx2(image, out long sum) : (int)(sum = 0);
        return sum + SumScalar(image, done);
    }

    /// <summary>Replaces every pixel by its grey, in all three channels.</summary>
    public static void ReplaceColors(PlanarImage image) =>
        ReplaceColorsScalar(image, ByteLanes.IsSupported ? ReplaceColorsAvx2(image) : 0);

    /// <summary>The plain form, from one pixel on.</summary>
    internal static long SumScalar(PlanarImage image, int from)
    {
        ReadOnlySpan<byte> r = image.Plane(0), g = image.Plane(1), b = image.Plane(2);
        long sum = 0;
        for (int i = from; i < r.Length; i++)
            sum += Of(r[i], g[i], b[i]);
        return sum;
    }

    /// <summary>The plain form, from one pixel on.</summary>
    internal static void ReplaceColorsScalar(PlanarImage image, int from)
    {
        Span<byte> r = image.Plane(0), g = image.Plane(1), b = image.Plane(2);
        for (int i = from; i < r.Length; i++)
            r[i] = g[i] = b[i] = Of(r[i], g[i], b[i]);
    }

    private static unsafe int SumAvx2(PlanarImage image, out long sum)
    {
        const int Lanes = 16;
        Vector256<long> total = default;
        int count = image.PlaneSize / Lanes * Lanes;
        fixed (byte* r = image.Plane(0), g = image.Plane(1), b = image.Plane(2))
        {
            for (int i = 0; i < count; i += Lanes)
            {
                Vector256<byte> gray = Gray16(r + i, g + i, b + i).AsByte();
                total = Avx2.Add(total, Avx2.SumAbsoluteDifferences(gray, default).AsInt64());
            }
        }

        sum = Vector256.Sum(total);
        return count;
    }

    private static unsafe int ReplaceColorsAvx2(PlanarImage image)
    {
        const int Lanes = 16;
        int count = image.PlaneSize / Lanes * Lanes;
        fixed (byte* r = image.Plane(0), g = image.Plane(1), b = image.Plane(2))
        {
            for (int i = 0; i < count; i += Lanes)
            {
                Vector256<short> gray = Gray16(r + i, g + i, b + i);
                Vector128<byte> bytes = Sse2.PackUnsignedSaturate(gray.GetLower(), gray.GetUpper());
                bytes.Store(r + i);
                bytes.Store(g + i);
                bytes.Store(b + i);
            }
        }

        return count;
    }

    // 16 pixels as words. The weight of green does not fit into a signed word: it is halved and multiplied in twice.
    private static unsafe Vector256<short> Gray16(byte* red, byte* green, byte* blue)
    {
        Vector256<short> redGreen = Vector256.Create(Red | (Green / 2 << 16)).AsInt16();
        Vector256<short> greenBlue = Vector256.Create((Green / 2) | (Blue << 16)).AsInt16();
        Vector256<short> r = Avx2.ConvertToVector256Int16(red);
        Vector256<short> g = Avx2.ConvertToVector256Int16(green);
        Vector256<short> b = Avx2.ConvertToVector256Int16(blue);
        return Avx2.PackUnsignedSaturate(
            Weigh(Avx2.UnpackLow(r, g), Avx2.UnpackLow(g, b)),
            Weigh(Avx2.UnpackHigh(r, g), Avx2.UnpackHigh(g, b))).AsInt16();

        Vector256<int> Weigh(Vector256<short> rg, Vector256<short> gb)
        {
            Vector256<int> sum = Avx2.Add(
                Avx2.MultiplyAddAdjacent(rg, redGreen), Avx2.MultiplyAddAdjacent(gb, greenBlue));
            return Avx2.ShiftRightLogical(Avx2.Add(sum, Vector256.Create(Half)), Shift);
        }
    }
}
