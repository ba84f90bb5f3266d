namespace Dense.Imaging.Scenes;

/// <summary>The pixels that show an object. Edges are those of pixels: column 3 reaches from x = 3 to x = 4.</summary>
public sealed class VisibleMask
{
    private readonly bool[] _pixels;

    private VisibleMask(bool[] pixels, int size)
    {
        _pixels = pixels;
        Size = size;

        int left = size, top = size, right = -1, bottom = -1;
        for (int i = 0; i < pixels.Length; i++)
        {
            if (!pixels[i])
                continue;

            Area++;
            left = Math.Min(left, i % size);
            right = Math.Max(right, i % size);
            top = Math.Min(top, i / size);
            bottom = Math.Max(bottom, i / size);
        }

        Box = Area == 0 ? default : (left, top, right - left + 1, bottom - top + 1);
    }

    /// <summary>Width and height of the picture.</summary>
    public int Size { get; }

    /// <summary>Number of pixels.</summary>
    public int Area { get; }

    /// <summary>The smallest box around the pixels: left edge, top edge, width, height.</summary>
    public (int X, int Y, int Width, int Height) Box { get; }

    /// <summary>Whether a pixel belongs to the mask; false beyond the picture.</summary>
    public bool this[int x, int y] => (uint)x < (uint)Size && (uint)y < (uint)Size && _pixels[y * Size + x];

    /// <summary>The pixels that one object owns.</summary>
    /// <param name="owner">For each pixel, row by row, the object that shows there.</param>
    /// <param name="size">Width and height of the picture.</param>
    /// <param name="number">The object.</param>
    public static VisibleMask Of(IReadOnlyList<int> owner, int size, int number) =>
        new([.. owner.Select(o => o == number)], size);

    /// <summary>
    /// Polygons without holes whose union is the mask, to the pixel. A hole is opened by cutting the mask in two at its
    /// first column, because COCO's polygons are filled and united.
    /// </summary>
    /// <returns>For each polygon x and y in turn, on pixel edges.</returns>
    public IReadOnlyList<IReadOnlyList<int>> Polygons()
    {
        var polygons = new List<IReadOnlyList<int>>();
        AddPolygons(_pixels, polygons);
        return polygons;
    }

    private void AddPolygons(bool[] pixels, List<IReadOnlyList<int>> polygons)
    {
        IReadOnlyList<MaskOutline.Loop> loops = MaskOutline.Trace(pixels, Size);
        if (loops.FirstOrDefault(l => l.IsHole) is { } hole)
        {
            int column = hole.Left + 1;
            AddPolygons([.. pixels.Select((p, i) => p && i % Size < column)], polygons);
            AddPolygons([.. pixels.Select((p, i) => p && i % Size >= column)], polygons);
            return;
        }

        polygons.AddRange(loops.Select(l => l.Points));
    }
}
