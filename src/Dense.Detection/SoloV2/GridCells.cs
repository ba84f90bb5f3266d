namespace Dense.Detection.SoloV2;

/// <summary>A rectangle of grid cells; both ends belong to it.</summary>
internal readonly record struct GridCells(int Top, int Bottom, int Left, int Right)
{
    /// <summary>
    /// The cells that an object owns (M-92 to M-94): those under the middle part of its box around its centre of mass,
    /// at most one beside the centre's cell in each direction.
    /// </summary>
    /// <param name="centre">Centre of mass in pixels.</param>
    /// <param name="half">Half the size of the middle part in pixels.</param>
    /// <param name="extent">Size of the padded batch in pixels, over which the grid is laid.</param>
    /// <param name="grid">Cells per side.</param>
    public static GridCells Of(
        (float X, float Y) centre, (float X, float Y) half, (int Height, int Width) extent, int grid)
    {
        (int top, int bottom) = Range(centre.Y, half.Y, extent.Height, grid);
        (int left, int right) = Range(centre.X, half.X, extent.Width, grid);
        return new GridCells(top, bottom, left, right);
    }

    private static (int First, int Last) Range(float centre, float half, int extent, int grid)
    {
        int own = Cell(centre, extent, grid);
        int first = Math.Max(0, Cell(centre - half, extent, grid));
        int last = Math.Min(grid - 1, Cell(centre + half, extent, grid));
        return (Math.Max(first, own - 1), Math.Min(last, own + 1));
    }

    /// <summary>
    /// M-93: the floor of (v / S) ÷ (1 / G) for float32 operands. The remainder is exact while the quotient is not, so
    /// on borders of cells the result differs from ⌊v·G / S⌋.
    /// </summary>
    internal static int Cell(float value, int extent, int grid)
    {
        float a = value / extent, d = (float)(1.0 / grid);
        float remainder = a % d;
        int quotient = (int)MathF.Round((a - remainder) / d);
        return a < 0 && remainder != 0 ? quotient - 1 : quotient;
    }
}
