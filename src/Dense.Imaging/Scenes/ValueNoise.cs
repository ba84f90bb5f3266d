namespace Dense.Imaging.Scenes;

/// <summary>Smooth random fields: hashed values on a grid, blended in between, summed over octaves.</summary>
internal static class ValueNoise
{
    /// <summary>One octave: a value in [0, 1] with features of size 1.</summary>
    public static float Single(float x, float y, uint seed)
    {
        float x0 = MathF.Floor(x);
        float y0 = MathF.Floor(y);
        int i = (int)x0;
        int j = (int)y0;
        float u = Fade(x - x0);
        float v = Fade(y - y0);
        float top = Lerp(Hash(i, j, seed), Hash(i + 1, j, seed), u);
        float bottom = Lerp(Hash(i, j + 1, seed), Hash(i + 1, j + 1, seed), u);
        return Lerp(top, bottom, v);
    }

    /// <summary>Octaves of halving size and weight, in [0, 1].</summary>
    public static float Fractal(float x, float y, uint seed, int octaves)
    {
        float sum = 0;
        float weight = 0.5f;
        float total = 0;
        for (int octave = 0; octave < octaves; octave++)
        {
            sum += weight * Single(x, y, seed + (uint)octave);
            total += weight;
            weight *= 0.5f;
            x *= 2;
            y *= 2;
        }

        return sum / total;
    }

    /// <summary>A random value in [0, 1) for a grid point.</summary>
    public static float Hash(int x, int y, uint seed)
    {
        uint h = ((uint)x * 0x9E3779B1u) ^ ((uint)y * 0x85EBCA77u) ^ (seed * 0xC2B2AE3Du);
        h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
        h = (h ^ (h >> 12)) * 0x297A2D39u;
        h ^= h >> 15;
        return (h >> 8) * (1f / (1 << 24));
    }

    private static float Fade(float t) => t * t * (3 - 2 * t);

    private static float Lerp(float a, float b, float t) => a + (b - a) * t;
}
