using Dense.Coco;
using Dense.Coco.Annotations;
using Dense.Coco.Masks;
using Dense.Imaging;
using Dense.Training.Data;

namespace Dense.Training.Detection.Data.Mapping;

/// <summary>The shape of an object on the transformed image.</summary>
/// <param name="Mask">Its pixels.</param>
/// <param name="Outline">The smallest box around it, x1, y1, x2, y2 (E-117).</param>
internal readonly record struct ObjectShape(RunLengthMask Mask, (float X1, float Y1, float X2, float Y2) Outline)
{
    /// <summary>Transforms the shape of an object (E-115).</summary>
    /// <param name="segmentation">Polygons or a mask of the image's size.</param>
    /// <param name="transform">What happens to the image.</param>
    /// <param name="height">Rows of the image before.</param>
    /// <param name="width">Columns of the image before.</param>
    /// <param name="format">Decides what the smallest box is around: points or pixels.</param>
    /// <returns>The shape; null when there is none or nothing of it is left.</returns>
    /// <exception cref="CocoFormatException">The shape is damaged.</exception>
    /// <exception cref="DatasetException">A mask has another size than its image.</exception>
    public static ObjectShape? Of(
        Segmentation segmentation, in ImageTransform transform, int height, int width, MaskFormat format)
    {
        if (segmentation.Kind == SegmentationKind.None)
            return null;

        double[][] polygons = [];
        RunLengthMask mask;
        if (segmentation.Kind == SegmentationKind.Polygons)
        {
            polygons = MapPolygons(segmentation, transform, height, width);
            if (polygons.Length == 0)
                return null;

            mask = RunLengthMask.FromPolygons(transform.Height, transform.Width, polygons);
        }
        else
        {
            mask = transform.MapMask(Sized(segmentation, height, width));
        }

        if (mask.Area == 0)
            return null;

        return new ObjectShape(mask, format == MaskFormat.Polygon ? Around(polygons) : Around(mask.TightBox));
    }

    private static double[][] MapPolygons(
        Segmentation segmentation, in ImageTransform transform, int height, int width)
    {
        IEnumerable<double[]> polygons = Polygons.Of(segmentation);
        if (transform.Crop != new PixelBox(0, 0, width, height))
            polygons = PolygonCrop.Cut(polygons, transform.Crop);

        ImageTransform mapping = transform;
        return [.. polygons.Select(p => mapping.MapPolygon(p))];
    }

    private static RunLengthMask Sized(Segmentation segmentation, int height, int width)
    {
        RunLengthMask mask = segmentation.ToMask(height, width);
        return (mask.Height, mask.Width) == (height, width)
            ? mask
            : throw new DatasetException(
                $"a run-length mask has {mask.Height}x{mask.Width} pixels, its image {height}x{width} (height x " +
                "width). Correct the annotation");
    }

    private static (float, float, float, float) Around(BoxXywh box) =>
        ((float)box.X, (float)box.Y, (float)(box.X + box.Width), (float)(box.Y + box.Height));

    private static (float, float, float, float) Around(double[][] polygons)
    {
        (float x1, float y1) = (float.MaxValue, float.MaxValue);
        (float x2, float y2) = (float.MinValue, float.MinValue);
        foreach (double[] polygon in polygons)
        {
            for (int i = 0; i + 1 < polygon.Length; i += 2)
            {
                (float x, float y) = ((float)polygon[i], (float)polygon[i + 1]);
                (x1, y1, x2, y2) = (Math.Min(x1, x), Math.Min(y1, y), Math.Max(x2, x), Math.Max(y2, y));
            }
        }

        return (x1, y1, x2, y2);
    }
}
