using System.Numerics;

namespace Dense.Imaging.Scenes;

/// <summary>An outline put into the picture.</summary>
/// <param name="Outline">The figure in its unit circle.</param>
/// <param name="Centre">Where its middle is, in pixels; pixel (0, 0) has its centre at (0.5, 0.5).</param>
/// <param name="Radius">Radius of the circumscribed circle in pixels.</param>
/// <param name="Angle">Rotation in radians.</param>
/// <param name="Stretch">How much longer the figure's own x axis is than its y axis; the area stays.</param>
internal sealed record Placement(Outline Outline, Vector2 Centre, float Radius, float Angle, float Stretch)
{
    private readonly Vector2 _axis = new(MathF.Cos(Angle), MathF.Sin(Angle));
    private readonly Vector2 _inverseScale =
        new(1 / (Radius * MathF.Sqrt(Stretch)), MathF.Sqrt(Stretch) / Radius);

    /// <summary>The radius of a circle that holds the whole figure, in pixels.</summary>
    public float Reach => Radius * MathF.Sqrt(MathF.Max(Stretch, 1 / Stretch));

    /// <summary>A point of the picture in the figure's own coordinates.</summary>
    public Vector2 ToUnit(Vector2 point)
    {
        Vector2 p = point - Centre;
        return _inverseScale * new Vector2(Vector2.Dot(p, _axis), p.Y * _axis.X - p.X * _axis.Y);
    }

    /// <summary>Distance in pixels from a point of the picture to the edge, negative inside.</summary>
    public float Distance(Vector2 point) => Outline.Distance(ToUnit(point)) * Radius;

    /// <summary>The pixels that the figure can touch: columns and rows, the ends excluded.</summary>
    /// <param name="size">Side of the picture.</param>
    /// <param name="margin">Pixels to add on each side.</param>
    public (int Left, int Top, int Right, int Bottom) Bounds(int size, float margin = 1)
    {
        float reach = Reach + margin;
        return (Within(Centre.X - reach), Within(Centre.Y - reach), Within(Centre.X + reach + 1),
            Within(Centre.Y + reach + 1));

        int Within(float edge) => Math.Clamp((int)MathF.Floor(edge), 0, size);
    }
}
