using System.Text;

namespace Dense.Coco.Masks;

/// <summary>
/// A binary mask as COCO's run-length encoding. Pixels are read in column-major order: down the first column, then the
/// next. Runs alternate between background and foreground and start with background, so that the first may be empty.
/// </summary>
/// <remarks>Results equal those of pycocotools' mask functions exactly (E-141 to E-147).</remarks>
public sealed class RunLengthMask
{
    private readonly MaskSize _size;
    private readonly uint[] _ends;

    internal RunLengthMask(MaskSize size, uint[] ends)
    {
        (_size, _ends) = (size, ends);
        Area = Runs.Area(ends);
    }

    /// <summary>Number of pixel rows.</summary>
    public int Height => _size.Height;

    /// <summary>Number of pixel columns.</summary>
    public int Width => _size.Width;

    /// <summary>Number of foreground pixels.</summary>
    public long Area { get; }

    /// <summary>The smallest box of whole pixels around the foreground; all zeros for an empty mask.</summary>
    public BoxXywh TightBox => Runs.TightBox(_ends, Height).ToBox();

    internal ReadOnlySpan<uint> Ends => _ends;

    /// <summary>Takes run lengths as they are, background first.</summary>
    /// <param name="height">Number of pixel rows.</param>
    /// <param name="width">Number of pixel columns.</param>
    /// <param name="counts">Run lengths; when they cover less than the mask the rest is background.</param>
    /// <exception cref="CocoFormatException">The runs cover more pixels than the mask has, or the size is
    /// impossible.</exception>
    public static RunLengthMask FromCounts(int height, int width, ReadOnlySpan<uint> counts)
    {
        var size = MaskSize.Checked(height, width);
        uint[] ends = new uint[counts.Length];
        ulong end = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            end += counts[i];
            if (end > size.Pixels)
            {
                throw new CocoFormatException(
                    $"Run lengths lead beyond a {height}x{width} mask at run {i}: expected at most {size.Pixels} " +
                    "pixels in all.");
            }

            ends[i] = (uint)end;
        }

        return new RunLengthMask(size, ends);
    }

    /// <summary>Reads COCO's compressed text.</summary>
    /// <param name="height">Number of pixel rows.</param>
    /// <param name="width">Number of pixel columns.</param>
    /// <param name="text">ASCII characters from '0' to 'o'.</param>
    /// <exception cref="CocoFormatException">The text is damaged, or its runs cover more pixels than the mask
    /// has.</exception>
    public static RunLengthMask Parse(int height, int width, ReadOnlySpan<byte> text)
    {
        var size = MaskSize.Checked(height, width);
        var ends = new RunBuffer();
        RunText.Decode(text, size, ends);
        return new RunLengthMask(size, ends.Span.ToArray());
    }

    /// <inheritdoc cref="Parse(int, int, ReadOnlySpan{byte})"/>
    public static RunLengthMask Parse(int height, int width, string text) =>
        Parse(height, width, Encoding.Latin1.GetBytes(text));

    /// <summary>Encodes pixels that lie column after column.</summary>
    /// <param name="height">Number of pixel rows.</param>
    /// <param name="width">Number of pixel columns.</param>
    /// <param name="pixels">Height times width values; everything but 0 is foreground.</param>
    public static RunLengthMask FromColumnMajor(int height, int width, ReadOnlySpan<byte> pixels) =>
        new(MaskSize.Checked(height, width), MaskPixels.Encode(pixels, height, width));

    /// <summary>Encodes pixels that lie row after row, as images usually do.</summary>
    /// <inheritdoc cref="FromColumnMajor"/>
    public static RunLengthMask FromRowMajor(int height, int width, ReadOnlySpan<byte> pixels) =>
        FromColumnMajor(height, width, MaskPixels.Transpose(pixels, height, width));

    /// <summary>Fills polygons as COCO does, and unites them.</summary>
    /// <param name="height">Number of pixel rows.</param>
    /// <param name="width">Number of pixel columns.</param>
    /// <param name="polygons">Each x and y in turn, in pixels, at least three points; they may reach beyond the
    /// mask.</param>
    /// <exception cref="CocoFormatException">There is no polygon, or one has too few points or impossible
    /// coordinates.</exception>
    public static RunLengthMask FromPolygons(int height, int width, IReadOnlyList<double[]> polygons)
    {
        if (polygons.Count == 0)
            throw new CocoFormatException("A mask of no polygons at all: expected one or more.");

        var size = MaskSize.Checked(height, width);
        var rasterizer = new PolygonRasterizer();
        RunBuffer ends = new(), part = new(), united = new();
        rasterizer.Rasterize(polygons[0], size, ends);
        foreach (double[] polygon in polygons.Skip(1))
        {
            part.Truncate(0);
            united.Truncate(0);
            rasterizer.Rasterize(polygon, size, part);
            Runs.Union(ends.Span, part.Span, size.Pixels, united);
            (ends, united) = (united, ends);
        }

        return new RunLengthMask(size, ends.Span.ToArray());
    }

    /// <summary>Fills a box as COCO does: as the polygon of its four corners.</summary>
    /// <param name="height">Number of pixel rows.</param>
    /// <param name="width">Number of pixel columns.</param>
    /// <param name="box">The box; it may reach beyond the mask.</param>
    public static RunLengthMask FromBox(int height, int width, in BoxXywh box) =>
        FromPolygons(height, width, [Corners(box)]);

    /// <summary>The union of masks of one size; a single mask is returned as it is.</summary>
    /// <exception cref="CocoFormatException">The sizes differ, or there is no mask.</exception>
    public static RunLengthMask Union(params ReadOnlySpan<RunLengthMask> masks) => Merge(masks, Runs.Union);

    /// <summary>The intersection of masks of one size; a single mask is returned as it is.</summary>
    /// <exception cref="CocoFormatException">The sizes differ, or there is no mask.</exception>
    public static RunLengthMask Intersection(params ReadOnlySpan<RunLengthMask> masks) => Merge(masks, Runs.Intersect);

    /// <summary>
    /// Intersection over union of a detection and a ground truth, from the runs alone (E-141). For a crowd region the
    /// union is the detection's own area.
    /// </summary>
    /// <returns>0 to 1; −1 when the tight boxes overlap but the sizes of the masks differ.</returns>
    public static double Iou(RunLengthMask detection, RunLengthMask groundTruth, bool isCrowd)
    {
        PixelRectangle a = Runs.TightBox(detection._ends, detection.Height);
        PixelRectangle b = Runs.TightBox(groundTruth._ends, groundTruth.Height);
        if (a.Overlap(b) == 0)
            return 0;

        if (detection._size != groundTruth._size)
            return -1;

        long shared = Runs.IntersectionArea(detection._ends, groundTruth._ends);
        long union = isCrowd ? detection.Area : detection.Area + groundTruth.Area - shared;
        return shared == 0 ? 0 : (double)shared / union;
    }

    /// <summary>The run lengths, background first, as they were given.</summary>
    public uint[] ToCounts()
    {
        uint[] counts = [.. _ends];
        for (int i = counts.Length - 1; i > 0; i--)
            counts[i] -= counts[i - 1];

        return counts;
    }

    /// <summary>COCO's compressed text.</summary>
    public string ToText() => Encoding.ASCII.GetString(RunText.Encode(_ends));

    /// <summary>The pixels column after column: height times width values, 0 or 1.</summary>
    public byte[] ToColumnMajor() => MaskPixels.Decode(_ends, Height, Width);

    /// <summary>The pixels row after row: height times width values, 0 or 1.</summary>
    public byte[] ToRowMajor() => MaskPixels.Transpose(ToColumnMajor(), Width, Height);

    /// <summary>The corners of a box in the order in which COCO turns it into a polygon.</summary>
    internal static double[] Corners(in BoxXywh box)
    {
        (double left, double top, double right, double bottom) = (box.X, box.Y, box.X + box.Width, box.Y + box.Height);
        return [left, top, left, bottom, right, bottom, right, top];
    }

    private static RunLengthMask Merge(
        ReadOnlySpan<RunLengthMask> masks, Action<ReadOnlySpan<uint>, ReadOnlySpan<uint>, uint, RunBuffer> merge)
    {
        if (masks.IsEmpty)
            throw new CocoFormatException("No mask to merge: expected one or more.");

        RunLengthMask merged = masks[0];
        foreach (RunLengthMask mask in masks[1..])
        {
            if (mask._size != merged._size)
            {
                throw new CocoFormatException(
                    $"Masks of different sizes cannot be merged: {merged.Height}x{merged.Width} and " +
                    $"{mask.Height}x{mask.Width}.");
            }

            var output = new RunBuffer();
            merge(merged._ends, mask._ends, merged._size.Pixels, output);
            merged = new RunLengthMask(merged._size, output.Span.ToArray());
        }

        return merged;
    }
}
