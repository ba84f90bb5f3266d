using Dense.Coco.Annotations;

namespace Dense.Training.Detection.Data;

/// <summary>Polygons as lists of x and y in turn.</summary>
internal static class Polygons
{
    /// <summary>Whether a polygon has at least three points and no odd number (E-95).</summary>
    public static bool IsUsable(double[] polygon) => polygon.Length >= 6 && polygon.Length % 2 == 0;

    /// <summary>The usable polygons of a shape.</summary>
    public static double[][] Of(Segmentation segmentation) => [.. segmentation.ToPolygons().Where(IsUsable)];
}
