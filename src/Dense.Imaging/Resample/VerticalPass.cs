using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dense.Imaging;

/// <summary>Combines rows of bytes into one row by integer weights (P-86).</summary>
internal static class VerticalPass
{
    private const int Half = 1 << (AxisWeights.PrecisionBits - 1);
    private const int SplitBits = 11;

    /// <summary>Computes one output row.</summary>
    /// <param name="rows">The first input row and those below it.</param>
    /// <param name="stride">Bytes from one input row to the next.</param>
    /// <param name="weights">One weight for each input row; those at the end may be 0.</param>
    /// <param name="result">As many bytes as are wanted.</param>
    public static void Run(ReadOnlySpan<byte> rows, int stride, ReadOnlySpan<int> weights, Span<byte> result)
    {
        while (weights.Length > 1 && weights[^1] == 0)
            weights = weights[..^1];

        // The bound that pointers do not check.
        _ = rows[((weights.Length - 1) * stride) + result.Length - 1];
        if (Avx2.IsSupported && result.Length >= Vector256<byte>.Count)
            RunAvx2(rows, stride, weights, result);
        else
            RunScalar(rows, stride, weights, result);
    }

    /// <summary>The same by plain arithmetic: what the other path is tested against.</summary>
    public static void RunScalar(ReadOnlySpan<byte> rows, int stride, ReadOnlySpan<int> weights, Span<byte> result)
    {
        for (int x = 0; x < result.Length; x++)
        {
            int sum = Half;
            for (int i = 0; i < weights.Length; i++)
                sum += rows[(i * stride) + x] * weights[i];
            result[x] = (byte)Math.Min(sum >> AxisWeights.PrecisionBits, 255);
        }
    }

    private static unsafe void RunAvx2(
        ReadOnlySpan<byte> rows, int stride, ReadOnlySpan<int> weights, Span<byte> result)
    {
        fixed (byte* input = rows, output = result)
        fixed (int* w = weights)
        {
            int last = result.Length - Vector256<byte>.Count;
            for (int x = 0; x <= last; x += Vector256<byte>.Count)
                Column(input + x, stride, w, weights.Length).Store(output + x);
            Column(input + last, stride, w, weights.Length).Store(output + last);
        }
    }

    // 32 neighbouring columns.
    private static unsafe Vector256<byte> Column(byte* input, int stride, int* weights, int count)
    {
        Vector256<int> low0 = Vector256.Create(Half), low1 = low0, low2 = low0, low3 = low0;
        Vector256<int> high0 = default, high1 = default, high2 = default, high3 = default;
        for (int i = 0; i < count; i += 2)
        {
            // Two rows at a time; a missing second one repeats the first with weight 0.
            bool both = i + 1 < count;
            int w0 = weights[i], w1 = both ? weights[i + 1] : 0;
            Vector256<byte> a = Vector256.Load(input + ((long)i * stride));
            Vector256<byte> b = both ? Vector256.Load(input + ((long)(i + 1) * stride)) : a;
            const int Mask = (1 << SplitBits) - 1;
            Vector256<short> wLow = Vector256.Create((w0 & Mask) | ((w1 & Mask) << 16)).AsInt16();
            Vector256<short> wHigh = Vector256.Create((w0 >> SplitBits) | (w1 >> SplitBits << 16)).AsInt16();

            Vector256<byte> first = Avx2.UnpackLow(a, b), second = Avx2.UnpackHigh(a, b);
            Accumulate(Avx2.UnpackLow(first, default), wLow, wHigh, ref low0, ref high0);
            Accumulate(Avx2.UnpackHigh(first, default), wLow, wHigh, ref low1, ref high1);
            Accumulate(Avx2.UnpackLow(second, default), wLow, wHigh, ref low2, ref high2);
            Accumulate(Avx2.UnpackHigh(second, default), wLow, wHigh, ref low3, ref high3);
        }

        return Avx2.PackUnsignedSaturate(
            Avx2.PackSignedSaturate(Finish(low0, high0), Finish(low1, high1)),
            Avx2.PackSignedSaturate(Finish(low2, high2), Finish(low3, high3)));
    }

    private static void Accumulate(
        Vector256<byte> pairs,
        Vector256<short> wLow,
        Vector256<short> wHigh,
        ref Vector256<int> low,
        ref Vector256<int> high)
    {
        low = Avx2.Add(low, Avx2.MultiplyAddAdjacent(pairs.AsInt16(), wLow));
        high = Avx2.Add(high, Avx2.MultiplyAddAdjacent(pairs.AsInt16(), wHigh));
    }

    private static Vector256<int> Finish(Vector256<int> low, Vector256<int> high) =>
        Avx2.ShiftRightArithmetic(Avx2.Add(Avx2.ShiftLeftLogical(high, SplitBits), low), AxisWeights.PrecisionBits);
}
