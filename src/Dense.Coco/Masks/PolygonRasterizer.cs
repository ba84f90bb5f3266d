namespace Dense.Coco.Masks;

/// <summary>
/// COCO's polygon rasteriser (E-143): edges are walked on a grid five times finer than the pixels, and a column of
/// pixels changes between background and foreground where an edge crosses its centre line.
/// </summary>
/// <remarks>
/// The definition walks every step of the fine grid. Only the steps between fine columns 5c + 2 and 5c + 3 leave a
/// trace, in pixel column c, so those are computed directly: the work is one unit for each edge and pixel column that
/// it crosses inside the image, however far the polygon reaches outside.
/// </remarks>
internal sealed class PolygonRasterizer
{
    private const double Scale = 5;

    // Beyond it a coordinate on the fine grid does not fit in 32 bits, where the definition ends.
    private const double LargestCoordinate = 4e8;

    // 256 MB of crossings; the most intricate real outlines have some thousands.
    private const int MostCrossings = 1 << 26;

    private readonly RunBuffer _crossings = new();

    /// <summary>Appends the run boundaries of one polygon.</summary>
    /// <param name="xy">x and y in turn, in pixels, at least three points; a last odd number is not looked at.</param>
    /// <param name="size">Size of the mask; the polygon may reach beyond it.</param>
    /// <param name="ends">Receives the boundaries.</param>
    /// <exception cref="CocoFormatException">A coordinate is not finite or too large, or there are too few
    /// points.</exception>
    public void Rasterize(ReadOnlySpan<double> xy, MaskSize size, RunBuffer ends)
    {
        int points = xy.Length / 2;
        if (points < 3)
        {
            throw new CocoFormatException(
                $"A polygon has {points} points, expected 3 or more. Remove it from the file.");
        }

        _crossings.Truncate(0);
        (long lastX, long lastY) = FinePoint(xy, points - 1);
        for (int i = 0; i < points; i++)
        {
            (long x, long y) = FinePoint(xy, i);
            AddCrossings(lastX, lastY, x, y, size);
            (lastX, lastY) = (x, y);
        }

        _crossings.Span.Sort();
        AppendEnds(_crossings.Span, size.Pixels, ends);
    }

    private static (long X, long Y) FinePoint(ReadOnlySpan<double> xy, int index)
    {
        double x = xy[2 * index], y = xy[2 * index + 1];
        if (!(Math.Abs(x) < LargestCoordinate && Math.Abs(y) < LargestCoordinate))
        {
            throw new CocoFormatException(
                $"Polygon point {index} is ({x}, {y}), expected coordinates between -{LargestCoordinate:0} and "
                + $"{LargestCoordinate:0}. "
                + "Correct or remove the polygon.");
        }

        return ((long)(Scale * x + 0.5), (long)(Scale * y + 0.5));
    }

    private void AddCrossings(long fromX, long fromY, long toX, long toY, MaskSize size)
    {
        long dx = Math.Abs(toX - fromX), dy = Math.Abs(toY - fromY);
        bool flat = dx >= dy;

        // Walked from the smaller end, as the definition does: the rounding of the slope depends on it.
        if (flat ? fromX > toX : fromY > toY)
            (fromX, fromY, toX, toY) = (toX, toY, fromX, fromY);

        long low = Math.Min(fromX, toX), high = Math.Max(fromX, toX);
        long firstColumn = (long)Math.Max(0, Math.Ceiling((low - 2) / Scale));
        long lastColumn = (long)Math.Min(size.Width - 1, Math.Floor((high - 3) / Scale));
        if (firstColumn > lastColumn)
            return;

        if (_crossings.Count + lastColumn - firstColumn >= MostCrossings)
        {
            throw new CocoFormatException(
                $"A polygon crosses pixel columns more than {MostCrossings} times. Simplify it.");
        }

        Span<uint> output = _crossings.Reserve((int)(lastColumn - firstColumn + 1));
        if (flat)
            CrossFlat(fromX, fromY, (toY - fromY) / (double)dx, firstColumn, size.Height, output);
        else
            CrossSteep(fromX, fromY, (toX - fromX) / (double)dy, dy, firstColumn, size.Height, output);
    }

    private static void CrossFlat(long fromX, long fromY, double slope, long firstColumn, int height, Span<uint> output)
    {
        for (int i = 0; i < output.Length; i++)
        {
            long column = firstColumn + i;
            long step = 5 * column + 2 - fromX;
            long before = (long)(fromY + slope * step + 0.5);
            long after = (long)(fromY + slope * (step + 1) + 0.5);
            output[i] = Position(column, Math.Min(before, after), height);
        }
    }

    private static void CrossSteep(
        long fromX, long fromY, double slope, long steps, long firstColumn, int height, Span<uint> output)
    {
        for (int i = 0; i < output.Length; i++)
        {
            // The first step beyond the centre line of the column: x of 5c + 3 or more going right, 5c + 2 or less
            // going left.
            long column = firstColumn + i;
            long boundary = 5 * column + 3;
            long step = Math.Clamp((long)((boundary - 0.5 - fromX) / slope), 1, steps);
            while (step > 1 && IsBeyond(step - 1))
                step--;
            while (step < steps && !IsBeyond(step))
                step++;

            output[i] = Position(column, fromY + step - 1, height);

            bool IsBeyond(long s) =>
                slope > 0 ? (long)(fromX + slope * s + 0.5) >= boundary : (long)(fromX + slope * s + 0.5) < boundary;
        }
    }

    private static uint Position(long column, long fineRow, int height)
    {
        double row = Math.Clamp((fineRow + 0.5) / Scale - 0.5, 0, height);
        return (uint)(column * height + (long)Math.Ceiling(row));
    }

    private static void AppendEnds(ReadOnlySpan<uint> crossings, uint pixels, RunBuffer ends)
    {
        // Two crossings at one place cancel each other: the run between them is empty.
        int first = ends.Count;
        foreach (uint crossing in crossings)
        {
            if (ends.Count > first && ends.Span[^1] == crossing)
                ends.Truncate(ends.Count - 1);
            else
                ends.Add(crossing);
        }

        if (ends.Count == first || ends.Span[^1] < pixels)
            ends.Add(pixels);
    }
}
