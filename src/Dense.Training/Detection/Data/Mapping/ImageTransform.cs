using Dense.Coco;
using Dense.Coco.Masks;
using Dense.Imaging;

namespace Dense.Training.Detection.Data.Mapping;

/// <summary>
/// What is done to an image and to all that lies on it: cut out a crop, resize it, mirror it (E-108). Coordinates are
/// continuous: 0 is the left edge of the first pixel.
/// </summary>
/// <param name="Crop">The part that is kept, in pixels of the image file.</param>
/// <param name="Height">Rows of the result.</param>
/// <param name="Width">Columns of the result.</param>
/// <param name="Flip">Whether left and right are swapped at the end.</param>
internal readonly record struct ImageTransform(PixelBox Crop, int Height, int Width, bool Flip)
{
    /// <summary>Where a column edge comes to lie (E-112).</summary>
    public double MapX(double x)
    {
        double mapped = (x - Crop.Left) * (Width / (double)Crop.Width);
        return Flip ? Width - mapped : mapped;
    }

    /// <summary>Where a row edge comes to lie.</summary>
    public double MapY(double y) => (y - Crop.Top) * (Height / (double)Crop.Height);

    /// <summary>
    /// Writes the corners of a box in the result, cut to it. They are rounded to float32 before they are mapped in
    /// float64, and after (E-113).
    /// </summary>
    /// <param name="box">The box in the image file.</param>
    /// <param name="xyxy">Receives x1, y1, x2, y2.</param>
    public void MapBox(in BoxXywh box, Span<float> xyxy)
    {
        float left = (float)box.X, top = (float)box.Y;
        double x1 = MapX(left), x2 = MapX(left + (float)box.Width);
        double y1 = MapY(top), y2 = MapY(top + (float)box.Height);
        xyxy[0] = Within(Math.Min(x1, x2), Width);
        xyxy[1] = Within(Math.Min(y1, y2), Height);
        xyxy[2] = Within(Math.Max(x1, x2), Width);
        xyxy[3] = Within(Math.Max(y1, y2), Height);
    }

    /// <summary>Maps a polygon, x and y in turn, in float64; it may reach beyond the result (E-115).</summary>
    public double[] MapPolygon(ReadOnlySpan<double> polygon)
    {
        double[] mapped = new double[polygon.Length];
        for (int i = 0; i + 1 < mapped.Length; i += 2)
            (mapped[i], mapped[i + 1]) = (MapX(polygon[i]), MapY(polygon[i + 1]));

        return mapped;
    }

    /// <summary>Maps a mask of the image's size, taking the nearest pixel (E-111).</summary>
    public RunLengthMask MapMask(RunLengthMask mask)
    {
        var whole = new PixelBox(0, 0, mask.Width, mask.Height);
        if (this == new ImageTransform(whole, mask.Height, mask.Width, Flip: false))
            return mask;

        byte[] source = mask.ToColumnMajor();
        byte[] result = new byte[Height * Width];
        int[] rows = NearestAxis.Indices(Crop.Height, Height);
        int[] columns = NearestAxis.Indices(Crop.Width, Width);
        for (int x = 0; x < Width; x++)
        {
            Span<byte> column = result.AsSpan((Flip ? Width - 1 - x : x) * Height, Height);
            int start = ((Crop.Left + columns[x]) * mask.Height) + Crop.Top;
            ReadOnlySpan<byte> from = source.AsSpan(start, Crop.Height);
            for (int y = 0; y < rows.Length; y++)
                column[y] = from[rows[y]];
        }

        return RunLengthMask.FromColumnMajor(Height, Width, result);
    }

    private static float Within(double value, int limit) => (float)Math.Min(Math.Max(value, 0), limit);
}
