using System.Numerics;

namespace Dense.Imaging.Scenes;

/// <summary>How a surface is patterned.</summary>
internal enum TextureKind
{
    /// <summary>One colour fading into the other.</summary>
    Gradient,

    /// <summary>Parallel bands.</summary>
    Stripes,

    /// <summary>A chessboard.</summary>
    Checks,

    /// <summary>Round spots on a grid.</summary>
    Dots,

    /// <summary>Clouds.</summary>
    Noise,

    /// <summary>Bands that noise has bent.</summary>
    Marble,
}

/// <summary>A surface.</summary>
/// <param name="Kind">The pattern.</param>
/// <param name="First">One colour, red-green-blue in [0, 1].</param>
/// <param name="Second">The other colour.</param>
/// <param name="Period">Length of one repetition in pixels.</param>
/// <param name="Axis">The direction in which the pattern runs, of length one.</param>
/// <param name="Seed">Seed of the noise.</param>
internal sealed record Texture(TextureKind Kind, Vector3 First, Vector3 Second, float Period, Vector2 Axis, uint Seed)
{
    // As a share of the distance between the hues of neighbouring classes: beyond a half they overlap.
    private const float HueRange = 0.6f;

    /// <summary>The mean of both colours.</summary>
    public Vector3 Mean => (First + Second) / 2;

    /// <summary>Draws a texture independently of what carries it: neither colour nor pattern tells a class.</summary>
    /// <param name="random">Where the draws come from.</param>
    /// <param name="shortest">Shortest period in pixels.</param>
    /// <param name="longest">Longest period in pixels.</param>
    public static Texture Draw(SceneRandom random, float shortest, float longest)
    {
        Vector3 first = Colour(random);
        float contrast = random.Uniform(0.15f, 0.7f);
        Vector3 second = Vector3.Lerp(first, Colour(random), contrast + 0.3f);
        return new Texture(
            (TextureKind)random.Integer(0, (int)TextureKind.Marble), first, second,
            random.LogUniform(shortest, longest), random.Direction(), random.Bits());
    }

    /// <summary>Draws a texture with the hue and the pattern of a class, clearly visible.</summary>
    /// <param name="random">Where the draws come from.</param>
    /// <param name="shape">The class.</param>
    /// <param name="classes">How many classes share the circle of hues.</param>
    /// <param name="size">Side of the picture in pixels.</param>
    public static Texture DrawOfClass(SceneRandom random, ShapeClass shape, int classes, int size)
    {
        float hue = ((int)shape + random.Uniform(-HueRange, HueRange)) * 6f / classes + 6;
        Vector3 colour = Colour(hue % 6, random.Uniform(0.5f, 0.9f), random.Uniform(0.6f, 1));
        Vector3 shade = random.Chance(0.5f) ? Vector3.Zero : Vector3.One;
        return Draw(random, 0.06f * size, 0.11f * size) with
        {
            Kind = (TextureKind)((int)shape % ((int)TextureKind.Marble + 1)),
            First = colour,
            Second = Vector3.Lerp(colour, shade, random.Uniform(0.5f, 0.8f)),
        };
    }

    /// <summary>The same in nearly one greyish colour, without edges.</summary>
    public Texture Faint() => this with
    {
        Kind = TextureKind.Noise,
        First = Greyish(First),
        Second = Greyish(Vector3.Lerp(First, Second, 0.25f)),
    };

    /// <summary>The colour at a point of the picture, in pixels.</summary>
    public Vector3 Sample(Vector2 point)
    {
        float u = Vector2.Dot(point, Axis) / Period;
        float v = (point.Y * Axis.X - point.X * Axis.Y) / Period;
        float mix = Kind switch
        {
            TextureKind.Gradient => ValueNoise.Single(u * 0.25f, v * 0.05f, Seed),
            TextureKind.Stripes => Edge(MathF.Abs(Wrap(u)) - 0.25f),
            TextureKind.Checks => Edge((MathF.Abs(Wrap(u)) - 0.25f) * (MathF.Abs(Wrap(v)) - 0.25f) * 4),
            TextureKind.Dots => Edge(new Vector2(Wrap(u), Wrap(v)).Length() - 0.3f),
            TextureKind.Noise => Sharpen(ValueNoise.Fractal(u, v, Seed, octaves: 3)),
            _ => Marble(u + 1.6f * ValueNoise.Fractal(u * 0.5f, v * 0.5f, Seed, octaves: 2)),
        };

        // A little grain on everything: real surfaces are never flat.
        float grain = 0.12f * (ValueNoise.Single(point.X * 0.6f, point.Y * 0.6f, Seed ^ 0xA5A5u) - 0.5f);
        return Vector3.Lerp(First, Second, mix) * (1 + grain);
    }

    // Signed position within the repetition, in [-0.5, 0.5].
    private static float Wrap(float t) => t - MathF.Round(t);

    // A step that is one pixel wide, so that hard patterns do not alias.
    private float Edge(float distance) => Math.Clamp(0.5f - distance * Period, 0, 1);

    private static float Marble(float t) => 0.5f + 0.5f * MathF.Sin(MathF.Tau * t);

    private static float Sharpen(float t) => Math.Clamp(0.5f + 2 * (t - 0.5f), 0, 1);

    private static Vector3 Greyish(Vector3 colour) =>
        Vector3.Lerp(new Vector3((colour.X + colour.Y + colour.Z) / 3), colour, 0.3f);

    private static Vector3 Colour(SceneRandom random)
    {
        float hue = random.Uniform(0, 6);
        float saturation = MathF.Sqrt(random.Uniform(0.01f, 0.8f));
        return Colour(hue, saturation, value: random.Uniform(0.25f, 1));
    }

    private static Vector3 Colour(float hue, float saturation, float value)
    {
        Vector3 pure = new(Channel(hue), Channel(hue + 4), Channel(hue + 2));
        return value * Vector3.Lerp(Vector3.One, pure, saturation);
    }

    private static float Channel(float hue) => Math.Clamp(MathF.Abs(hue % 6 - 3) - 1, 0, 1);
}
