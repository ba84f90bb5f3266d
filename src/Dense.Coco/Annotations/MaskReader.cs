using Dense.Coco.Masks;

namespace Dense.Coco.Annotations;

/// <summary>Turns segmentations into run boundaries, one after another in the same memory.</summary>
internal sealed class MaskReader
{
    private readonly PolygonRasterizer _rasterizer = new();
    private RunBuffer _united = new();
    private readonly RunBuffer _part = new();
    private RunBuffer _merged = new();
    private double[] _polygon = new double[256];

    /// <summary>Polygons that were passed over because they have fewer than three points.</summary>
    public int SkippedPolygons { get; private set; }

    /// <summary>
    /// Masks whose runs cover fewer pixels than they have; the rest was taken for background (E-142).
    /// </summary>
    public int ShortMasks { get; private set; }

    /// <summary>Appends the run boundaries of a segmentation (E-147).</summary>
    /// <param name="segmentation">The shape.</param>
    /// <param name="imageHeight">Height of the image; polygons are filled at this size.</param>
    /// <param name="imageWidth">Width of the image.</param>
    /// <param name="ends">Receives the boundaries.</param>
    /// <returns>The mask's size: the one that a run-length encoding states, or the image's.</returns>
    /// <exception cref="CocoFormatException">There is no shape, or it is damaged.</exception>
    public MaskSize Read(Segmentation segmentation, int imageHeight, int imageWidth, RunBuffer ends)
    {
        switch (segmentation.Kind)
        {
            case SegmentationKind.RunLength:
                ReadOnlySpan<byte> text = segmentation.ReadRunLength(out int height, out int width);
                var size = MaskSize.Checked(height, width);
                int first = ends.Count;
                RunText.Decode(text, size, ends);
                ShortMasks += (ends.Count == first ? 0 : ends.Span[^1]) < size.Pixels ? 1 : 0;
                return size;

            case SegmentationKind.Polygons:
                var imageSize = MaskSize.Checked(imageHeight, imageWidth);
                ends.Add(Fill(segmentation.Encoded.Span[1..], imageSize));
                return imageSize;

            default:
                throw new CocoFormatException("There is no segmentation, expected polygons or run lengths.");
        }
    }

    private ReadOnlySpan<uint> Fill(ReadOnlySpan<byte> encoded, MaskSize size)
    {
        _united.Truncate(0);
        for (int left = (int)SegmentationCodec.ReadNumber(ref encoded); left > 0; left--)
        {
            int length = SegmentationCodec.ReadPolygonLength(ref encoded);
            if (length > _polygon.Length)
                _polygon = new double[length];

            Span<double> polygon = _polygon.AsSpan(0, length);
            SegmentationCodec.ReadPolygon(ref encoded, polygon);
            if (length < 6)
                SkippedPolygons++;
            else
                Unite(polygon, size);
        }

        if (_united.Count == 0)
        {
            throw new CocoFormatException(
                "No polygon has three points or more. Remove the annotation or draw it again.");
        }

        return _united.Span;
    }

    private void Unite(ReadOnlySpan<double> polygon, MaskSize size)
    {
        if (_united.Count == 0)
        {
            _rasterizer.Rasterize(polygon, size, _united);
            return;
        }

        _part.Truncate(0);
        _merged.Truncate(0);
        _rasterizer.Rasterize(polygon, size, _part);
        Runs.Union(_united.Span, _part.Span, size.Pixels, _merged);
        (_united, _merged) = (_merged, _united);
    }
}
