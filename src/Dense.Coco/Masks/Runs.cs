namespace Dense.Coco.Masks;

/// <summary>
/// Arithmetic on run boundaries. Boundary <c>i</c> is where run <c>i</c> ends, counted in column-major pixels; even
/// runs are background, odd runs foreground, so that foreground run <c>n</c> covers <c>[ends[2n], ends[2n + 1])</c>.
/// </summary>
internal static class Runs
{
    /// <summary>Number of foreground pixels.</summary>
    public static uint Area(ReadOnlySpan<uint> ends)
    {
        uint area = 0;
        for (int i = 1; i < ends.Length; i += 2)
            area += ends[i] - ends[i - 1];

        return area;
    }

    /// <summary>The smallest box around the foreground (E-145); all zeros for an empty mask.</summary>
    public static PixelRectangle TightBox(ReadOnlySpan<uint> ends, int height)
    {
        uint h = (uint)height;
        uint left = uint.MaxValue, top = uint.MaxValue, right = 0, bottom = 0;
        for (int i = 1; i < ends.Length; i += 2)
        {
            if (ends[i] == ends[i - 1])
                continue;

            (uint firstColumn, uint firstRow) = Math.DivRem(ends[i - 1], h);
            (uint lastColumn, uint lastRow) = Math.DivRem(ends[i] - 1, h);
            if (firstColumn < lastColumn)
                (firstRow, lastRow) = (0, h - 1);

            left = Math.Min(left, firstColumn);
            right = lastColumn;
            top = Math.Min(top, firstRow);
            bottom = Math.Max(bottom, lastRow);
        }

        return left == uint.MaxValue ? default : new PixelRectangle(left, top, right - left + 1, bottom - top + 1);
    }

    /// <summary>Number of pixels that two masks of equal size share.</summary>
    public static uint IntersectionArea(ReadOnlySpan<uint> a, ReadOnlySpan<uint> b)
    {
        int i = 1, j = 1;
        if (b.Length > 1)
            i = FirstRunEndingAfter(a, b[0]);
        if (a.Length > 1)
            j = FirstRunEndingAfter(b, a[0]);

        uint shared = 0;
        while (i < a.Length && j < b.Length)
        {
            uint endA = a[i], endB = b[j];
            uint start = Math.Max(a[i - 1], b[j - 1]);
            uint end = Math.Min(endA, endB);
            shared += end > start ? end - start : 0;

            // Both may move at once; written without branches, since which mask is ahead is a matter of chance.
            i += endA <= endB ? 2 : 0;
            j += endB <= endA ? 2 : 0;
        }

        return shared;
    }

    /// <summary>Appends the union of two masks of equal size in canonical form (E-146).</summary>
    public static void Union(ReadOnlySpan<uint> a, ReadOnlySpan<uint> b, uint pixels, RunBuffer output)
    {
        int first = output.Count;
        int i = 1, j = 1;
        while (i < a.Length || j < b.Length)
        {
            bool fromA = j >= b.Length || (i < a.Length && a[i - 1] <= b[j - 1]);
            (uint start, uint end) = fromA ? (a[i - 1], a[i]) : (b[j - 1], b[j]);
            if (fromA)
                i += 2;
            else
                j += 2;

            if (start == end)
                continue;

            if (output.Count > first && start <= output.Span[^1])
                output.Span[^1] = Math.Max(output.Span[^1], end);
            else
                output.Add([start, end]);
        }

        Close(output, first, pixels);
    }

    /// <summary>Appends the intersection of two masks of equal size in canonical form (E-146).</summary>
    public static void Intersect(ReadOnlySpan<uint> a, ReadOnlySpan<uint> b, uint pixels, RunBuffer output)
    {
        int first = output.Count;
        for (int i = 1, j = 1; i < a.Length && j < b.Length;)
        {
            uint start = Math.Max(a[i - 1], b[j - 1]);
            uint end = Math.Min(a[i], b[j]);
            if (start < end)
            {
                if (output.Count > first && start == output.Span[^1])
                    output.Span[^1] = end;
                else
                    output.Add([start, end]);
            }

            if (a[i] <= b[j])
                i += 2;
            else
                j += 2;
        }

        Close(output, first, pixels);
    }

    // The background after the last foreground run.
    private static void Close(RunBuffer output, int first, uint pixels)
    {
        if (output.Count == first || output.Span[^1] < pixels)
            output.Add(pixels);
    }

    // Index of the end of the first foreground run that reaches beyond a position.
    private static int FirstRunEndingAfter(ReadOnlySpan<uint> ends, uint position)
    {
        int low = 0, high = ends.Length / 2;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (ends[2 * middle + 1] > position)
                high = middle;
            else
                low = middle + 1;
        }

        return 2 * low + 1;
    }
}
