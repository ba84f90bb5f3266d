namespace Dense.Coco.Masks;

/// <summary>Between pixels and run boundaries.</summary>
internal static class MaskPixels
{
    // A square of bytes that stays in the first-level cache while it is turned.
    private const int Tile = 32;

    /// <summary>Run boundaries of column-major pixels.</summary>
    public static uint[] Encode(ReadOnlySpan<byte> pixels, int height, int width)
    {
        if (pixels.Length != (long)height * width)
        {
            throw new ArgumentException(
                $"Expected {(long)height * width} pixels, found {pixels.Length}.", nameof(pixels));
        }

        var ends = new RunBuffer();
        int position = 0;
        bool foreground = false;
        while (position < pixels.Length)
        {
            // Both searches compare many pixels at once.
            ReadOnlySpan<byte> rest = pixels[position..];
            int run = foreground ? rest.IndexOf((byte)0) : rest.IndexOfAnyExcept((byte)0);
            position = run < 0 ? pixels.Length : position + run;
            ends.Add((uint)position);
            foreground = !foreground;
        }

        // pycocotools gives an image without pixels one empty run.
        if (ends.Count == 0)
            ends.Add(0);

        return ends.Span.ToArray();
    }

    /// <summary>Column-major pixels of run boundaries.</summary>
    /// <exception cref="CocoFormatException">The mask has more pixels than one array can hold.</exception>
    public static byte[] Decode(ReadOnlySpan<uint> ends, int height, int width)
    {
        if ((long)height * width > Array.MaxLength)
            throw new CocoFormatException($"A {height}x{width} mask is too large to be decoded; work with its runs.");

        byte[] pixels = new byte[height * width];
        for (int i = 1; i < ends.Length; i += 2)
            pixels.AsSpan((int)ends[i - 1], (int)(ends[i] - ends[i - 1])).Fill(1);

        return pixels;
    }

    /// <summary>Turns <paramref name="rows"/> rows of <paramref name="columns"/> pixels on their side.</summary>
    public static byte[] Transpose(ReadOnlySpan<byte> pixels, int rows, int columns)
    {
        byte[] turned = new byte[pixels.Length];
        for (int top = 0; top < rows; top += Tile)
        {
            int bottom = Math.Min(top + Tile, rows);
            for (int left = 0; left < columns; left += Tile)
            {
                int right = Math.Min(left + Tile, columns);
                for (int x = left; x < right; x++)
                {
                    Span<byte> column = turned.AsSpan(x * rows + top, bottom - top);
                    for (int y = 0; y < column.Length; y++)
                        column[y] = pixels[(top + y) * columns + x];
                }
            }
        }

        return turned;
    }
}
