using System.Numerics;

namespace Dense.Imaging.Scenes;

/// <summary>
/// A small random generator (SplitMix64, Steele, Lea and Flood 2014) that starts from an address, not from a stream:
/// image 17 is the same picture whoever draws it, in whatever order, on however many threads.
/// </summary>
internal sealed class SceneRandom(long seed, ScenePart part, int index)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _state = Mix(Mix(Mix((ulong)seed + Golden) + (ulong)part + 1) + (ulong)index);

    /// <summary>A value in [0, 1).</summary>
    public float Uniform() => (Next() >> 40) * (1f / (1 << 24));

    /// <summary>A value in [low, high).</summary>
    public float Uniform(float low, float high) => low + (high - low) * Uniform();

    /// <summary>A whole number in [low, high], both included.</summary>
    public int Integer(int low, int high) => low + (int)(Next() % (ulong)(high - low + 1));

    /// <summary>A value between the two whose logarithm is uniform: each scale is as likely as any other.</summary>
    public float LogUniform(float low, float high) => low * MathF.Exp(Uniform() * MathF.Log(high / low));

    /// <summary>True with the given probability.</summary>
    public bool Chance(float probability) => Uniform() < probability;

    /// <summary>A direction of length one.</summary>
    public Vector2 Direction()
    {
        float angle = Uniform(0, MathF.Tau);
        return new Vector2(MathF.Cos(angle), MathF.Sin(angle));
    }

    /// <summary>32 random bits, to seed a noise field with.</summary>
    public uint Bits() => (uint)(Next() >> 32);

    private ulong Next() => Mix(_state += Golden);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
