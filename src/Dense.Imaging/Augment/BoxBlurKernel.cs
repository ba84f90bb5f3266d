using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dense.Imaging;

/// <summary>
/// One of the three equal box filters that Pillow makes a Gaussian of (P-94): the pixels at most <see cref="Radius"/>
/// away weigh <see cref="Inner"/>, the two next ones <see cref="Edge"/>, in units of 2⁻²⁴.
/// </summary>
/// <param name="Radius">r, at least 0.</param>
/// <param name="Inner">ww.</param>
/// <param name="Edge">fw.</param>
internal readonly record struct BoxBlurKernel(int Radius, uint Inner, uint Edge)
{
    private const int Passes = 3;
    private const int PrecisionBits = 24;
    private const uint Half = 1u << (PrecisionBits - 1);

    // Sums of up to three pixels and their weights go through a signed 16-bit multiplier: weights in two parts of 12
    // bits.
    private const int SplitBits = 12;

    /// <summary>The radius before it is split, ρ.</summary>
    /// <param name="sigma">Standard deviation in pixels.</param>
    public static float FractionalRadius(float sigma)
    {
        float variance = sigma * sigma / Passes;
        float length = (float)Math.Sqrt((12.0 * variance) + 1.0);
        float whole = MathF.Floor((length - 1) / 2);
        float numerator = ((2 * whole) + 1) * ((whole * (whole + 1)) - (3 * variance));
        float denominator = 6 * (variance - ((whole + 1) * (whole + 1)));
        return whole + (numerator / denominator);
    }

    /// <summary>The filter for a standard deviation.</summary>
    public static BoxBlurKernel ForSigma(float sigma)
    {
        float rho = FractionalRadius(sigma);
        int radius = (int)rho;
        uint inner = (uint)((1 << PrecisionBits) / ((2 * rho) + 1));
        uint edge = (uint)(((1 << PrecisionBits) - (((2L * radius) + 1) * inner)) / 2);
        return new BoxBlurKernel(radius, inner, edge);
    }

    /// <summary>Filters one line.</summary>
    /// <param name="source">Holds the 2r + 3 lines that are combined; they may overlap.</param>
    /// <param name="offsets">Where each of them begins, in their order.</param>
    /// <param name="result">As many bytes as are wanted; not part of the source.</param>
    public void Filter(ReadOnlySpan<byte> source, ReadOnlySpan<int> offsets, Span<byte> result)
    {
        if (Avx2.IsSupported && Radius <= 1 && result.Length >= Vector256<byte>.Count)
            FilterAvx2(source, offsets, result);
        else
            FilterScalar(source, offsets, result);
    }

    /// <summary>The plain form.</summary>
    internal void FilterScalar(ReadOnlySpan<byte> source, ReadOnlySpan<int> offsets, Span<byte> result)
    {
        for (int x = 0; x < result.Length; x++)
        {
            uint inner = 0;
            foreach (int offset in offsets[1..^1])
                inner += source[offset + x];
            uint edge = (uint)source[offsets[0] + x] + source[offsets[^1] + x];
            result[x] = (byte)(((inner * Inner) + (edge * Edge) + Half) >> PrecisionBits);
        }
    }

    private unsafe void FilterAvx2(ReadOnlySpan<byte> source, ReadOnlySpan<int> offsets, Span<byte> result)
    {
        foreach (int offset in offsets)
            _ = source.Slice(offset, result.Length);

        const int Mask = (1 << SplitBits) - 1;
        Vector256<short> low = Vector256.Create((Inner & Mask) | ((Edge & Mask) << 16)).AsInt16();
        Vector256<short> high = Vector256.Create((Inner >> SplitBits) | (Edge >> SplitBits << 16)).AsInt16();
        fixed (byte* s = source, output = result)
        fixed (int* at = offsets)
        {
            int last = result.Length - Vector256<byte>.Count;
            for (int x = 0; x < last; x += Vector256<byte>.Count)
                Columns(s + x, at, low, high).Store(output + x);
            Columns(s + last, at, low, high).Store(output + last);
        }
    }

    private unsafe Vector256<byte> Columns(byte* source, int* at, Vector256<short> low, Vector256<short> high) =>
        Avx2.Permute4x64(
            Avx2.PackUnsignedSaturate(
                Columns16(source, at, low, high), Columns16(source + 16, at, low, high)).AsInt64(),
            0b11_01_10_00).AsByte();

    private unsafe Vector256<short> Columns16(byte* source, int* at, Vector256<short> low, Vector256<short> high)
    {
        Vector256<short> inner = Avx2.ConvertToVector256Int16(source + at[1]);
        if (Radius == 1)
        {
            inner = Avx2.Add(inner, Avx2.ConvertToVector256Int16(source + at[2]));
            inner = Avx2.Add(inner, Avx2.ConvertToVector256Int16(source + at[3]));
        }

        Vector256<short> edge = Avx2.Add(
            Avx2.ConvertToVector256Int16(source + at[0]),
            Avx2.ConvertToVector256Int16(source + at[(2 * Radius) + 2]));
        return Avx2.PackUnsignedSaturate(
            Weigh(Avx2.UnpackLow(inner, edge), low, high), Weigh(Avx2.UnpackHigh(inner, edge), low, high)).AsInt16();
    }

    private static Vector256<int> Weigh(Vector256<short> pairs, Vector256<short> low, Vector256<short> high)
    {
        Vector256<int> sum = Avx2.ShiftLeftLogical(Avx2.MultiplyAddAdjacent(pairs, high), SplitBits);
        sum = Avx2.Add(Avx2.Add(sum, Avx2.MultiplyAddAdjacent(pairs, low)), Vector256.Create((int)Half));
        return Avx2.ShiftRightLogical(sum, PrecisionBits);
    }
}
