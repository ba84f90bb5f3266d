namespace Dense.Imaging;

/// <summary>Puts several images side by side, each under its caption.</summary>
public static class Mosaic
{
    private const int TextMargin = 4;

    /// <summary>Arranges images in rows, on white.</summary>
    /// <param name="tiles">Images of any size with their captions, at least one; an empty caption is allowed.</param>
    /// <param name="columns">Images in a row, at least 1.</param>
    /// <param name="gap">Pixels between images and around them.</param>
    /// <param name="scale">Pixels for each dot of the captions' five by seven font.</param>
    public static RgbImage Arrange(
        IReadOnlyList<(RgbImage Image, string Caption)> tiles, int columns, int gap = 8, int scale = 2)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        ArgumentOutOfRangeException.ThrowIfZero(tiles.Count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        ArgumentOutOfRangeException.ThrowIfNegative(gap);

        columns = Math.Min(columns, tiles.Count);
        int cellWidth = tiles.Max(t => Math.Max(t.Image.Width, t.Caption.Length * BitmapFont.Advance * scale));
        int captionHeight = tiles.Any(t => t.Caption.Length > 0) ? (BitmapFont.Height * scale) + TextMargin : 0;
        int[] rowTops = RowTops(tiles, columns, captionHeight, gap);

        RgbImage result = new(gap + (columns * (cellWidth + gap)), rowTops[^1]);
        result.Pixels.Fill(255);
        for (int i = 0; i < tiles.Count; i++)
        {
            (int left, int top) = Corner(i);
            RgbImage tile = tiles[i].Image;
            for (int y = 0; y < tile.Height; y++)
                tile.Row(y).CopyTo(result.Row(top + captionHeight + y)[(3 * left)..]);
        }

        using Canvas canvas = new(result);
        for (int i = 0; i < tiles.Count; i++)
        {
            (int left, int top) = Corner(i);
            canvas.Text(left, top, tiles[i].Caption, RgbColor.Black, scale);
        }

        return result;

        (int Left, int Top) Corner(int i) => (gap + (i % columns * (cellWidth + gap)), rowTops[i / columns]);
    }

    // The upper edge of each row of tiles, and last the height of the whole.
    private static int[] RowTops(
        IReadOnlyList<(RgbImage Image, string Caption)> tiles, int columns, int captionHeight, int gap)
    {
        List<int> tops = [gap];
        foreach ((RgbImage Image, string Caption)[] row in tiles.Chunk(columns))
            tops.Add(tops[^1] + captionHeight + row.Max(t => t.Image.Height) + gap);
        return [.. tops];
    }
}
