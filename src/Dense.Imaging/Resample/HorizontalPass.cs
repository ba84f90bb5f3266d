using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dense.Imaging;

/// <summary>
/// Resamples rows of an interleaved image. A result row holds its R values, then its G values, then its B values, each
/// as many as there are output columns.
/// </summary>
internal sealed class HorizontalPass
{
    private const int Half = 1 << (AxisWeights.PrecisionBits - 1);

    // Weights have 23 bits and the multiplier takes 16 with sign: each is split into a high and a low part of 12 and
    // 11.
    private const int SplitBits = 11;
    private const int PixelsPerGroup = 4;

    private int[] _starts = [];
    private short[] _parts = [];
    private int _groups;

    /// <summary>Resamples some rows.</summary>
    /// <param name="source">The image.</param>
    /// <param name="left">Added to the input positions that the weights name.</param>
    /// <param name="top">First row.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="weights">The taps.</param>
    /// <param name="result">rows × 3 × weights.Count bytes.</param>
    public void Run(RgbImage source, int left, int top, int rows, AxisWeights weights, Span<byte> result)
    {
        int groups = (weights.Taps + PixelsPerGroup - 1) / PixelsPerGroup;
        if (!Avx2.IsSupported || groups * PixelsPerGroup > source.Width || weights.Count < 4)
        {
            RunScalar(source, left, top, rows, weights, result);
            return;
        }

        Prepare(weights, left, source.Width, groups);
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<byte> row = source.PixelsWithSlack[((top + y) * source.RowBytes)..];
            RunRow(row, result.Slice(y * 3 * weights.Count, 3 * weights.Count), weights.Count);
        }
    }

    /// <summary>The same by plain arithmetic: what the other path is tested against.</summary>
    public static void RunScalar(
        RgbImage source, int left, int top, int rows, AxisWeights weights, Span<byte> result)
    {
        int count = weights.Count;
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<byte> row = source.Row(top + y);
            Span<byte> target = result.Slice(y * 3 * count, 3 * count);
            for (int x = 0; x < count; x++)
            {
                ReadOnlySpan<int> taps = weights.Weights.Slice(x * weights.Taps, weights.Taps);
                int start = (left + weights.First[x]) * 3;
                int r = Half, g = Half, b = Half;
                for (int i = 0; i < taps.Length; i++)
                {
                    if (taps[i] == 0)
                        continue;

                    r += row[start + (3 * i)] * taps[i];
                    g += row[start + (3 * i) + 1] * taps[i];
                    b += row[start + (3 * i) + 2] * taps[i];
                }

                target[x] = Clamp(r);
                target[count + x] = Clamp(g);
                target[(2 * count) + x] = Clamp(b);
            }
        }
    }

    private static byte Clamp(int sum) => (byte)Math.Min(sum >> AxisWeights.PrecisionBits, 255);

    // Spreads the weights the way Spread lays the pixels: (R0 R1)(G0 G1)(B0 B1)(-) (R2 R3)(G2 G3)(B2 B3)(-).
    private void Prepare(AxisWeights weights, int left, int width, int groups)
    {
        const int Lane = 16;
        _groups = groups;
        int needed = weights.Count * groups * 2 * Lane;
        if (_starts.Length < weights.Count)
            _starts = new int[weights.Count];
        if (_parts.Length < needed)
            _parts = new short[needed];
        Array.Clear(_parts, 0, needed);

        for (int x = 0; x < weights.Count; x++)
        {
            // Whole groups are read: near the right edge they begin further left, with weights 0 in front.
            int first = left + weights.First[x];
            int start = Math.Min(first, width - (groups * PixelsPerGroup));
            _starts[x] = start * 3;
            for (int i = 0; i < weights.Taps; i++)
            {
                int w = weights.Weights[(x * weights.Taps) + i];
                if (w == 0)
                    continue;

                int tap = first - start + i;
                int at = (((x * groups) + (tap / 4)) * 2 * Lane) + (tap % 4 / 2 * 8) + (tap % 2);
                for (int channel = 0; channel < 3; channel++)
                {
                    _parts[at + (2 * channel)] = (short)(w & ((1 << SplitBits) - 1));
                    _parts[at + (2 * channel) + Lane] = (short)(w >> SplitBits);
                }
            }
        }
    }

    private unsafe void RunRow(ReadOnlySpan<byte> row, Span<byte> target, int count)
    {
        fixed (byte* pixels = row, r = target)
        fixed (int* starts = _starts)
        fixed (short* parts = _parts)
        {
            byte* g = r + count;
            byte* b = g + count;
            int groups = _groups, stride = _groups * 32;
            for (int x = 0; x < count; x += 4)
            {
                // The last four overlap their predecessors where the count is not a multiple of four.
                x = Math.Min(x, count - 4);
                int* at = starts + x;
                short* p = parts + (x * stride);
                Vector128<uint> planes;
                if (groups == 1)
                {
                    planes = Pack(
                        Sum(pixels + at[0], p), Sum(pixels + at[1], p + 32),
                        Sum(pixels + at[2], p + 64), Sum(pixels + at[3], p + 96));
                }
                else
                {
                    planes = Pack(
                        Sum(pixels + at[0], p, groups), Sum(pixels + at[1], p + stride, groups),
                        Sum(pixels + at[2], p + (2 * stride), groups), Sum(pixels + at[3], p + (3 * stride), groups));
                }

                *(uint*)(r + x) = planes.ToScalar();
                *(uint*)(g + x) = planes.GetElement(1);
                *(uint*)(b + x) = planes.GetElement(2);
            }
        }
    }

    // Adds the halves of four sums, rounds, and turns four pixels of (R G B 0) into R R R R, G G G G, B B B B.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Pack(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d)
    {
        Vector256<int> ab = Avx2.Add(Avx2.Permute2x128(a, b, 0x20), Avx2.Permute2x128(a, b, 0x31));
        Vector256<int> cd = Avx2.Add(Avx2.Permute2x128(c, d, 0x20), Avx2.Permute2x128(c, d, 0x31));
        Vector256<int> half = Vector256.Create(Half);
        ab = Avx2.ShiftRightArithmetic(Avx2.Add(ab, half), AxisWeights.PrecisionBits);
        cd = Avx2.ShiftRightArithmetic(Avx2.Add(cd, half), AxisWeights.PrecisionBits);

        // Packing within halves leaves the pixels in the order 0 2 1 3; the shuffle undoes that too.
        Vector256<short> words = Avx2.PackSignedSaturate(ab, cd);
        Vector128<byte> bytes = Sse2.PackUnsignedSaturate(words.GetLower(), words.GetUpper());
        return Ssse3.Shuffle(
            bytes, Vector128.Create((byte)0, 8, 4, 12, 1, 9, 5, 13, 2, 10, 6, 14, 3, 11, 7, 15)).AsUInt32();
    }

    // Four taps: the sums of taps 0 and 1 (lower half) and of taps 2 and 3 (upper half) for R, G, B, 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<int> Sum(byte* pixels, short* parts)
    {
        Vector256<short> values = Spread(pixels);
        return Avx2.Add(
            Avx2.ShiftLeftLogical(Avx2.MultiplyAddAdjacent(values, Vector256.Load(parts + 16)), SplitBits),
            Avx2.MultiplyAddAdjacent(values, Vector256.Load(parts)));
    }

    private static unsafe Vector256<int> Sum(byte* pixels, short* parts, int groups)
    {
        Vector256<int> low = default, high = default;
        for (int group = 0; group < groups; group++, pixels += 12, parts += 32)
        {
            Vector256<short> values = Spread(pixels);
            low = Avx2.Add(low, Avx2.MultiplyAddAdjacent(values, Vector256.Load(parts)));
            high = Avx2.Add(high, Avx2.MultiplyAddAdjacent(values, Vector256.Load(parts + 16)));
        }

        return Avx2.Add(Avx2.ShiftLeftLogical(high, SplitBits), low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<short> Spread(byte* pixels)
    {
        const byte None = 0x80;
        Vector256<byte> pairs = Vector256.Create(
            (byte)0, None, 3, None, 1, None, 4, None, 2, None, 5, None, None, None, None, None,
            6, None, 9, None, 7, None, 10, None, 8, None, 11, None, None, None, None, None);
        return Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(pixels), pairs).AsInt16();
    }
}
