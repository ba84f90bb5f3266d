namespace Dense.Imaging.Scenes;

/// <summary>Follows the edges between the pixels of a mask and the rest.</summary>
internal static class MaskOutline
{
    // Right, down, left, up: the mask is always to the right of the way.
    private static readonly (int X, int Y)[] Steps = [(1, 0), (0, 1), (-1, 0), (0, -1)];

    /// <summary>A closed way along pixel edges.</summary>
    /// <param name="Points">Corners, x and y in turn.</param>
    /// <param name="IsHole">Whether it surrounds pixels that are not part of the mask.</param>
    /// <param name="Left">Its smallest x.</param>
    internal sealed record Loop(IReadOnlyList<int> Points, bool IsHole, int Left);

    /// <summary>All loops; those around parts of the mask run clockwise on the screen. Diagonal neighbours are parts of
    /// their own.</summary>
    public static IReadOnlyList<Loop> Trace(bool[] pixels, int size)
    {
        bool Inside(int x, int y) => (uint)x < (uint)size && (uint)y < (uint)size && pixels[y * size + x];

        var loops = new List<Loop>();
        var seen = new bool[pixels.Length];
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
            {
                // Each loop has an upper edge; marking those that were walked keeps every loop from being found twice.
                if (Inside(x, y) && !Inside(x, y - 1) && !seen[y * size + x])
                    loops.Add(Walk(x, y, Inside, (px, py) => seen[py * size + px] = true));
            }
        }

        return loops;
    }

    private static Loop Walk(int startX, int startY, Func<int, int, bool> inside, Action<int, int> markUpperEdge)
    {
        var points = new List<int>();
        int x = startX, y = startY, direction = 0, twiceArea = 0, left = startX;
        do
        {
            if (direction == 0)
                markUpperEdge(x, y);

            var (dx, dy) = Steps[direction];
            twiceArea += x * dy - y * dx;
            x += dx;
            y += dy;
            left = Math.Min(left, x);

            int turned = NextDirection(x, y, direction, inside);
            if (turned != direction)
                points.AddRange([x, y]);

            direction = turned;
        }
        while (x != startX || y != startY || direction != 0);

        return new Loop(points, twiceArea < 0, left);
    }

    // At a corner: turn right where the pixel ahead on the right is outside, left where the one ahead on the left is
    // inside too, else straight on. The order makes diagonal neighbours separate.
    private static int NextDirection(int x, int y, int direction, Func<int, int, bool> inside)
    {
        var (rightX, rightY) = Ahead(x, y, direction, onTheRight: true);
        if (!inside(rightX, rightY))
            return (direction + 1) % 4;

        var (leftX, leftY) = Ahead(x, y, direction, onTheRight: false);
        return inside(leftX, leftY) ? (direction + 3) % 4 : direction;
    }

    // The pixel that touches corner (x, y) ahead of the way, on one of its sides.
    private static (int X, int Y) Ahead(int x, int y, int direction, bool onTheRight) => (direction, onTheRight) switch
    {
        (0, true) or (1, false) => (x, y),
        (1, true) or (2, false) => (x - 1, y),
        (2, true) or (3, false) => (x - 1, y - 1),
        _ => (x, y - 1),
    };
}
