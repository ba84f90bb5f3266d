using System.Buffers;
using System.Text;
using Dense.Coco.Masks;

namespace Dense.Coco.Annotations;

/// <summary>The shape of an object as a COCO file gives it, in a compact form; decoded when asked for.</summary>
public readonly struct Segmentation
{
    private readonly ReadOnlyMemory<byte> _encoded;

    internal Segmentation(ReadOnlyMemory<byte> encoded) => _encoded = encoded;

    /// <summary>No shape.</summary>
    public static Segmentation None => default;

    /// <summary>How the shape is given.</summary>
    public SegmentationKind Kind => _encoded.IsEmpty ? SegmentationKind.None : (SegmentationKind)_encoded.Span[0];

    internal ReadOnlyMemory<byte> Encoded => _encoded;

    /// <summary>The shape of a mask.</summary>
    public static Segmentation FromMask(RunLengthMask mask) =>
        FromRunLength(mask.Height, mask.Width, RunText.Encode(mask.Ends));

    /// <summary>A mask as compressed text, which is not looked at here.</summary>
    /// <param name="height">Number of pixel rows.</param>
    /// <param name="width">Number of pixel columns.</param>
    /// <param name="text">COCO's compressed run lengths.</param>
    public static Segmentation FromRunLength(int height, int width, ReadOnlySpan<byte> text)
    {
        var output = new ArrayBufferWriter<byte>(text.Length + 16);
        SegmentationCodec.WriteRunLength(output, height, width, text);
        return new Segmentation(output.WrittenMemory.ToArray());
    }

    /// <summary>A shape of one or more polygons, each x and y in turn.</summary>
    public static Segmentation FromPolygons(IReadOnlyList<double[]> polygons)
    {
        if (polygons.Count == 0)
            return None;

        var output = new ArrayBufferWriter<byte>();
        SegmentationCodec.WritePolygonCount(output, polygons.Count);
        foreach (double[] polygon in polygons)
            SegmentationCodec.WritePolygon(output, polygon);

        return new Segmentation(output.WrittenMemory.ToArray());
    }

    /// <summary>The polygons, each x and y in turn, as they stand in the file; empty for other kinds.</summary>
    public double[][] ToPolygons()
    {
        if (Kind != SegmentationKind.Polygons)
            return [];

        ReadOnlySpan<byte> input = _encoded.Span[1..];
        double[][] polygons = new double[SegmentationCodec.ReadNumber(ref input)][];
        for (int i = 0; i < polygons.Length; i++)
        {
            polygons[i] = new double[SegmentationCodec.ReadPolygonLength(ref input)];
            SegmentationCodec.ReadPolygon(ref input, polygons[i]);
        }

        return polygons;
    }

    /// <summary>Height and width that a run-length encoding states; zeros for other kinds.</summary>
    public (int Height, int Width) RunLengthSize()
    {
        ReadRunLength(out int height, out int width);
        return (height, width);
    }

    /// <summary>The compressed text of a run-length encoding; empty for other kinds.</summary>
    public string RunLengthText() => Encoding.Latin1.GetString(ReadRunLength(out _, out _));

    /// <summary>
    /// The mask (E-147): polygons are filled and united; those with fewer than three points are passed over.
    /// </summary>
    /// <param name="imageHeight">Height of the image, which polygons need.</param>
    /// <param name="imageWidth">Width of the image, which polygons need.</param>
    /// <exception cref="CocoFormatException">There is no shape, or it is damaged.</exception>
    public RunLengthMask ToMask(int imageHeight, int imageWidth)
    {
        var reader = new MaskReader();
        var ends = new RunBuffer();
        MaskSize size = reader.Read(this, imageHeight, imageWidth, ends);
        return new RunLengthMask(size, ends.Span.ToArray());
    }

    internal ReadOnlySpan<byte> ReadRunLength(out int height, out int width)
    {
        (height, width) = (0, 0);
        if (Kind != SegmentationKind.RunLength)
            return default;

        ReadOnlySpan<byte> input = _encoded.Span[1..];
        height = (int)SegmentationCodec.ReadNumber(ref input);
        width = (int)SegmentationCodec.ReadNumber(ref input);
        return input;
    }
}
