using System.Numerics;

namespace Dense.Imaging.Scenes;

/// <summary>A flat figure that fits into the unit circle, given by the distance to its edge.</summary>
internal abstract class Outline
{
    /// <summary>How far a point is from the edge: negative inside, zero on the edge, about Euclidean nearby.</summary>
    public abstract float Distance(Vector2 p);
}

/// <summary>The edge of an object of the named class.</summary>
internal sealed class ShapeOutline(ShapeClass shape) : Outline
{
    private const float Fifth = MathF.Tau / 5;

    // Edge of a five-pointed star with tips at radius 1 and notches at radius 0.45, from tip to notch.
    private static readonly Vector2 StarTip = new(1, 0);
    private static readonly Vector2 StarNotch = 0.45f * new Vector2(MathF.Cos(Fifth / 2), MathF.Sin(Fifth / 2));
    private static readonly Vector2 StarNormal =
        Vector2.Normalize(new Vector2(StarNotch.Y - StarTip.Y, StarTip.X - StarNotch.X));

    /// <summary>The class.</summary>
    public ShapeClass Shape => shape;

    public override float Distance(Vector2 p) => shape switch
    {
        ShapeClass.Disc => p.Length() - 0.85f,
        ShapeClass.Square => Box(p, 0.72f, 0.72f),
        ShapeClass.Triangle => Triangle(p, 0.5f),
        ShapeClass.Star => Star(p),
        ShapeClass.Ring => MathF.Abs(p.Length() - 0.7f) - 0.24f,
        ShapeClass.Cross => MathF.Min(Box(p, 0.92f, 0.3f), Box(p, 0.3f, 0.92f)),
        ShapeClass.Crescent => MathF.Max(p.Length() - 0.92f, 0.72f - (p - new Vector2(0.5f, 0)).Length()),
        _ => MathF.Min(Triangle(p - new Vector2(0.4f, 0), 0.3f), Box(p + new Vector2(0.4f, 0), 0.55f, 0.2f)),
    };

    private static float Box(Vector2 p, float halfWidth, float halfHeight) =>
        MathF.Max(MathF.Abs(p.X) - halfWidth, MathF.Abs(p.Y) - halfHeight);

    // Equilateral, one tip on the positive x axis, given by the radius of its inscribed circle.
    private static float Triangle(Vector2 p, float radius)
    {
        float slope = 0.5f * p.X + 0.8660254f * MathF.Abs(p.Y);
        return MathF.Max(slope, -p.X) - radius;
    }

    private static float Star(Vector2 p)
    {
        float angle = MathF.Atan2(p.Y, p.X);
        float folded = MathF.Abs(angle - Fifth * MathF.Round(angle / Fifth));
        var q = p.Length() * new Vector2(MathF.Cos(folded), MathF.Sin(folded));
        return Vector2.Dot(q - StarTip, StarNormal);
    }
}

/// <summary>An irregular smooth patch: clutter that belongs to no class.</summary>
internal sealed class BlobOutline(SceneRandom random) : Outline
{
    private readonly float _lobes = random.Integer(2, 3);
    private readonly float _ripples = random.Integer(4, 7);
    private readonly float _lobePhase = random.Uniform(0, MathF.Tau);
    private readonly float _ripplePhase = random.Uniform(0, MathF.Tau);

    public override float Distance(Vector2 p)
    {
        float angle = MathF.Atan2(p.Y, p.X);
        float lobes = 0.24f * MathF.Cos(_lobes * angle + _lobePhase);
        float ripples = 0.12f * MathF.Cos(_ripples * angle + _ripplePhase);
        return 0.7f * (p.Length() - 0.6f - lobes - ripples);
    }
}

/// <summary>A straight stroke from edge to edge of the unit circle.</summary>
internal sealed class StrokeOutline(float halfWidth) : Outline
{
    public override float Distance(Vector2 p)
    {
        float along = Math.Clamp(p.X, halfWidth - 1, 1 - halfWidth);
        return (p - new Vector2(along, 0)).Length() - halfWidth;
    }
}
