using System.Buffers;

namespace Dense.Coco.Masks;

/// <summary>COCO's compressed run-length text (E-144).</summary>
/// <remarks>
/// From the fourth run on the text holds the difference to the run two before. A number is written in base 32, the
/// least significant digit first, one character a digit: 48 + digit, plus 32 when another digit follows.
/// </remarks>
internal static class RunText
{
    // A run length fits in 32 bits and a difference in 33: seven digits of five bits.
    private const int LongestNumber = 7;

    /// <summary>Appends the boundaries (sums of the run lengths) that the text stands for.</summary>
    /// <param name="text">ASCII text.</param>
    /// <param name="size">The mask's size; the runs must not go beyond it.</param>
    /// <param name="ends">Receives one boundary a run.</param>
    /// <exception cref="CocoFormatException">The text is damaged or longer than the mask.</exception>
    public static void Decode(ReadOnlySpan<byte> text, MaskSize size, RunBuffer ends)
    {
        uint pixels = size.Pixels;
        Span<uint> output = ends.Reserve(text.Length);
        long end = 0, previous = 0, beforePrevious = 0;
        int run = 0, position = 0;
        while (position < text.Length)
        {
            long count = ReadNumber(text, ref position);
            if (run > 2)
                count += beforePrevious;

            if ((ulong)count > pixels || (end += count) > pixels)
                throw Overrun(run, count, size);

            (beforePrevious, previous) = (previous, count);
            output[run++] = (uint)end;
        }

        ends.Truncate(ends.Count - text.Length + run);
    }

    /// <summary>The text for a list of run boundaries.</summary>
    public static byte[] Encode(ReadOnlySpan<uint> ends)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Max(1, LongestNumber * ends.Length));
        int length = Encode(ends, buffer);
        byte[] text = buffer.AsSpan(0, length).ToArray();
        ArrayPool<byte>.Shared.Return(buffer);
        return text;
    }

    private static int Encode(ReadOnlySpan<uint> ends, Span<byte> text)
    {
        int length = 0;
        uint start = 0;
        long previous = 0, beforePrevious = 0;
        for (int run = 0; run < ends.Length; run++)
        {
            long count = ends[run] - start;
            long value = run > 2 ? count - beforePrevious : count;
            bool more;
            do
            {
                int digit = (int)(value & 31);
                value >>= 5;
                more = (digit & 16) != 0 ? value != -1 : value != 0;
                text[length++] = (byte)(48 + digit + (more ? 32 : 0));
            }
            while (more);

            (beforePrevious, previous, start) = (previous, count, ends[run]);
        }

        return length;
    }

    private static long ReadNumber(ReadOnlySpan<byte> text, ref int position)
    {
        // Most numbers in real masks are one digit long.
        int digit = text[position] - 48;
        if ((uint)digit < 32)
        {
            position++;
            return digit - ((digit & 16) << 1);
        }

        int first = position;
        long value = 0;
        for (int shift = 0; position < text.Length; shift += 5)
        {
            digit = text[position++] - 48;
            if ((uint)digit > 63 || shift >= 5 * LongestNumber)
                break;

            value |= (long)(digit & 31) << shift;
            if ((digit & 32) == 0)
                return (digit & 16) != 0 ? value | (-1L << (shift + 5)) : value;
        }

        throw new CocoFormatException(
            $"Compressed run lengths are damaged at character {first} of {text.Length}: expected digits from "
            + "'0' to 'o' that "
            + "end in a final one. Write the mask again, for example with pycocotools or RunLengthMask.ToText.");
    }

    private static CocoFormatException Overrun(int run, long count, MaskSize size) => new(
        $"Run {run} of a {size.Height}x{size.Width} mask has length {count}, which is negative or leads "
        + "beyond the mask's "
        + $"{size.Pixels} pixels. Check that 'size' is [height, width] and belongs to these 'counts'.");
}
