using System.Buffers;
using System.Buffers.Binary;

namespace Dense.Coco.Annotations;

/// <summary>
/// The compact form in which segmentations stay in memory. A mask is its size and its compressed text. The coordinates
/// of a polygon, decimal fractions nearly always, are whole numbers of 10⁻ᵈ, each as the difference to the point
/// before, and come back as exactly the same doubles; a polygon that does not fit keeps its doubles.
/// </summary>
internal static class SegmentationCodec
{
    private const int MostDecimals = 9;
    private const byte RawDoubles = 255;

    // Whole numbers up to here divide by a power of ten with one correct rounding.
    private const double LargestExact = 1L << 52;

    private static readonly double[] PowersOfTen = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

    /// <summary>Writes a mask: kind, height, width, text.</summary>
    public static void WriteRunLength(IBufferWriter<byte> output, int height, int width, ReadOnlySpan<byte> text)
    {
        WriteNumber(output, (ulong)SegmentationKind.RunLength);
        WriteNumber(output, (ulong)height);
        WriteNumber(output, (ulong)width);
        output.Write(text);
    }

    /// <summary>Writes what stands before the polygons: kind and their number.</summary>
    public static void WritePolygonCount(IBufferWriter<byte> output, int count)
    {
        WriteNumber(output, (ulong)SegmentationKind.Polygons);
        WriteNumber(output, (ulong)count);
    }

    /// <summary>Writes one polygon, x and y in turn.</summary>
    public static void WritePolygon(IBufferWriter<byte> output, ReadOnlySpan<double> xy)
    {
        WriteNumber(output, (ulong)xy.Length);
        int decimals = Decimals(xy);
        output.Write([decimals < 0 ? RawDoubles : (byte)decimals]);
        if (decimals < 0)
        {
            foreach (double value in xy)
                BinaryPrimitives.WriteDoubleLittleEndian(Advance(output, sizeof(double)), value);

            return;
        }

        Span<byte> bytes = output.GetSpan(10 * xy.Length);
        int length = 0;
        long beforePrevious = 0, previous = 0;
        foreach (double value in xy)
        {
            long whole = (long)Math.Round(value * PowersOfTen[decimals]);
            long step = whole - beforePrevious;
            length += WriteNumber(bytes[length..], (ulong)((step << 1) ^ (step >> 63)));
            (beforePrevious, previous) = (previous, whole);
        }

        output.Advance(length);
    }

    /// <summary>Reads the next number.</summary>
    public static ulong ReadNumber(ref ReadOnlySpan<byte> input)
    {
        ulong value = 0;
        int i = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = input[i++];
            value |= (ulong)(next & 127) << shift;
            if (next < 128)
                break;
        }

        input = input[i..];
        return value;
    }

    /// <summary>Number of values of the polygon that comes next.</summary>
    public static int ReadPolygonLength(ref ReadOnlySpan<byte> input) => (int)ReadNumber(ref input);

    /// <summary>Reads the values of a polygon after its length.</summary>
    public static void ReadPolygon(ref ReadOnlySpan<byte> input, Span<double> xy)
    {
        byte decimals = input[0];
        input = input[1..];
        if (decimals == RawDoubles)
        {
            foreach (ref double value in xy)
            {
                value = BinaryPrimitives.ReadDoubleLittleEndian(input);
                input = input[sizeof(double)..];
            }

            return;
        }

        double unit = PowersOfTen[decimals];
        long beforePrevious = 0, previous = 0;
        foreach (ref double value in xy)
        {
            ulong step = ReadNumber(ref input);
            long whole = beforePrevious + ((long)(step >> 1) ^ -(long)(step & 1));
            value = whole / unit;
            (beforePrevious, previous) = (previous, whole);
        }
    }

    // The smallest number of decimals that gives back every value exactly; −1 when there is none.
    private static int Decimals(ReadOnlySpan<double> values)
    {
        for (int decimals = 0; decimals <= MostDecimals; decimals++)
        {
            double unit = PowersOfTen[decimals];
            int i = 0;
            while (i < values.Length
                && Math.Round(values[i] * unit) is var whole && Math.Abs(whole) <= LargestExact &&
                whole / unit == values[i])
            {
                i++;
            }

            if (i == values.Length)
                return decimals;
        }

        return -1;
    }

    private static void WriteNumber(IBufferWriter<byte> output, ulong value) =>
        output.Advance(WriteNumber(output.GetSpan(10), value));

    private static int WriteNumber(Span<byte> output, ulong value)
    {
        int length = 0;
        for (; value >= 128; value >>= 7)
            output[length++] = (byte)(value | 128);

        output[length++] = (byte)value;
        return length;
    }

    private static Span<byte> Advance(IBufferWriter<byte> output, int length)
    {
        Span<byte> span = output.GetSpan(length)[..length];
        output.Advance(length);
        return span;
    }
}
