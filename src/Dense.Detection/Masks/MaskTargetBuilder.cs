using Dense.Coco.Masks;

namespace Dense.Detection.Masks;

/// <summary>
/// Makes the <see cref="MaskTarget"/> of each object of one image: area, centre of mass (M-91) and the mask at a
/// quarter of its size, bit for bit as OpenCV reduces 8-bit masks (M-97, M-98). Not thread-safe; one builder serves all
/// objects of an image.
/// </summary>
/// <remarks>
/// A mask is looked at as runs of set pixels along lines (the rows of pixels, or the columns of a run-length mask), so
/// that the work grows with the outline and not with the area. A quarter-size pixel depends on four pixels, two on each
/// of two lines; each of the four has a bit in the pixel's code. Only codes that are neither empty nor full, those on
/// the outline, need arithmetic.
/// </remarks>
public sealed class MaskTargetBuilder
{
    private const byte Full = 0b1111;

    private readonly int _height;
    private readonly int _width;
    private readonly QuarterTaps _rows;
    private readonly QuarterTaps _columns;
    private readonly byte[] _lineByLine;
    private long _area;
    private long _sumAlongLine;
    private long _sumOverLines;
    private int _firstTarget;
    private int _endTarget;

    /// <summary>Prepares for masks of one size.</summary>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    public MaskTargetBuilder(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        (_height, _width) = (height, width);
        _rows = new QuarterTaps(height);
        _columns = width == height ? _rows : new QuarterTaps(width);
        _lineByLine = new byte[_rows.Count * _columns.Count];
    }

    /// <summary>From pixels row after row.</summary>
    /// <param name="mask">height × width values; everything but 0 is the object.</param>
    /// <exception cref="ArgumentException">The number of pixels differs.</exception>
    public MaskTarget Build(ReadOnlySpan<byte> mask)
    {
        if (mask.Length != (long)_height * _width)
        {
            throw new ArgumentException(
                $"A mask of {mask.Length} pixels, expected {_height}x{_width} = {_height * _width}.", nameof(mask));
        }

        Begin();
        for (int y = 0; y < _height; y++)
            AddRow(y, mask.Slice(y * _width, _width));

        byte[] quarter = new byte[_lineByLine.Length];
        WriteQuarter(quarter, _rows, _columns, linesAreRows: true);
        return Target(_sumAlongLine, _sumOverLines, quarter);
    }

    /// <summary>From a run-length mask of the builder's size, without making its pixels.</summary>
    /// <exception cref="ArgumentException">The size differs.</exception>
    public MaskTarget Build(RunLengthMask mask)
    {
        if ((mask.Height, mask.Width) != (_height, _width))
        {
            throw new ArgumentException(
                $"A mask of {mask.Height}x{mask.Width}, expected {_height}x{_width}.", nameof(mask));
        }

        Begin();
        uint[] counts = mask.ToCounts();
        long end = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            if (i % 2 == 1)
                AddColumns(end, end + counts[i]);
            end += counts[i];
        }

        byte[] quarter = new byte[_lineByLine.Length];
        WriteQuarter(quarter, _columns, _rows, linesAreRows: false);
        return Target(_sumOverLines, _sumAlongLine, quarter);
    }

    private void Begin()
    {
        (_area, _sumAlongLine, _sumOverLines) = (0, 0, 0);
        (_firstTarget, _endTarget) = (int.MaxValue, 0);
        Array.Clear(_lineByLine);
    }

    private void AddRow(int y, ReadOnlySpan<byte> row)
    {
        for (int start = 0, end; start < row.Length; start = end)
        {
            // Both searches compare many pixels at once.
            int background = row[start..].IndexOfAnyExcept((byte)0);
            if (background < 0)
                return;

            start += background;
            int length = row[start..].IndexOf((byte)0);
            end = length < 0 ? row.Length : start + length;
            AddRun(y, start, end, _rows, _columns);
        }
    }

    // A run of a run-length mask may go on in the next columns.
    private void AddColumns(long start, long end)
    {
        while (start < end)
        {
            (long x, long y) = Math.DivRem(start, _height);
            int length = (int)Math.Min(_height - y, end - start);
            AddRun((int)x, (int)y, (int)y + length, _columns, _rows);
            start += length;
        }
    }

    private void AddRun(int line, int start, int end, QuarterTaps lines, QuarterTaps along)
    {
        long length = end - start;
        _area += length;
        _sumOverLines += line * length;
        _sumAlongLine += (start + end - 1L) * length / 2;

        (int target, bool isSecond) = lines.At(line);
        if (target < 0)
            return;

        _firstTarget = Math.Min(_firstTarget, target);
        _endTarget = Math.Max(_endTarget, target + 1);
        Span<byte> codes = _lineByLine.AsSpan(target * along.Count, along.Count);
        int shift = isSecond ? 2 : 0;
        Mark(codes, along.FirstIn(start, end), (byte)(1 << shift));
        Mark(codes, along.SecondIn(start, end), (byte)(2 << shift));
    }

    private static void Mark(Span<byte> codes, (int From, int To) range, byte bit)
    {
        foreach (ref byte code in codes[range.From..range.To])
            code |= bit;
    }

    private void WriteQuarter(byte[] quarter, QuarterTaps lines, QuarterTaps along, bool linesAreRows)
    {
        for (int line = _firstTarget; line < _endTarget; line++)
        {
            for (int i = 0; i < along.Count; i++)
            {
                byte code = _lineByLine[line * along.Count + i];
                if (code == 0)
                    continue;

                (int row, int column) = linesAreRows ? (line, i) : (i, line);
                quarter[row * _columns.Count + column] =
                    code == Full || Rounds(linesAreRows ? code : Turned(code), row, column) ? (byte)1 : (byte)0;
            }
        }
    }

    // The fixed-point arithmetic of M-98; a result is 0 or 1.
    private bool Rounds(int code, int row, int column)
    {
        int left = _columns.FirstWeight[column], right = _columns.SecondWeight[column];
        int upper = left * (code & 1) + right * (code >> 1 & 1);
        int lower = left * (code >> 2 & 1) + right * (code >> 3);
        int sum = (_rows.FirstWeight[row] * (upper >> 4) >> 16) + (_rows.SecondWeight[row] * (lower >> 4) >> 16);
        return (sum + 2) >> 2 != 0;
    }

    // Swaps the upper right and the lower left pixel.
    private static int Turned(int code) => (code & 0b1001) | (code & 0b0010) << 1 | (code & 0b0100) >> 1;

    // M-91: the sums are exact here, and rounded to float32 once.
    private MaskTarget Target(long sumX, long sumY, byte[] quarter)
    {
        float area = Math.Max(_area, 1e-6f);
        return new MaskTarget(_area, sumX / area, sumY / area, _rows.Count, _columns.Count, quarter);
    }
}
