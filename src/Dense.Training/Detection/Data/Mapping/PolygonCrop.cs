using NetTopologySuite;
using NetTopologySuite.Geometries;

namespace Dense.Training.Detection.Data.Mapping;

/// <summary>Cuts polygons to the window of a crop (E-116).</summary>
internal static class PolygonCrop
{
    private static readonly GeometryFactory Factory =
        new NtsGeometryServices(GeometryOverlay.NG).CreateGeometryFactory();

    /// <summary>The parts of polygons that lie in a window, in the coordinates of the polygons.</summary>
    /// <param name="polygons">Each x and y in turn, at least three points.</param>
    /// <param name="window">The window.</param>
    /// <returns>The outer rings of the parts; holes, lines and points are left out.</returns>
    public static double[][] Cut(IEnumerable<double[]> polygons, Dense.Imaging.PixelBox window)
    {
        Geometry box = Factory.ToGeometry(new Envelope(
            window.Left, window.Left + window.Width, window.Top, window.Top + window.Height));
        return [.. polygons.SelectMany(p => Parts(Repaired(p).Intersection(box)))];
    }

    // A buffer of width 0 makes a valid polygon of one that crosses itself.
    private static Geometry Repaired(double[] polygon)
    {
        var ring = new Coordinate[(polygon.Length / 2) + 1];
        for (int i = 0; i < ring.Length - 1; i++)
            ring[i] = new Coordinate(polygon[2 * i], polygon[(2 * i) + 1]);

        ring[^1] = ring[0].Copy();
        Geometry shape = Factory.CreatePolygon(ring);
        return shape.IsValid ? shape : shape.Buffer(0);
    }

    private static IEnumerable<double[]> Parts(Geometry cut)
    {
        for (int i = 0; i < cut.NumGeometries; i++)
        {
            if (cut.GetGeometryN(i) is Polygon { IsEmpty: false } part)
                yield return Flatten(part.ExteriorRing.Coordinates.AsSpan()[..^1]);
        }
    }

    private static double[] Flatten(ReadOnlySpan<Coordinate> points)
    {
        double[] polygon = new double[2 * points.Length];
        for (int i = 0; i < points.Length; i++)
            (polygon[2 * i], polygon[(2 * i) + 1]) = (points[i].X, points[i].Y);

        return polygon;
    }
}
