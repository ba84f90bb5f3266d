namespace Dense.Imaging;

/// <summary>What is derived from a source's basic draws (P-97).</summary>
public static class RandomDraws
{
    /// <summary>A float32 between two bounds, rounded as torch's <c>uniform_</c> does.</summary>
    /// <param name="random">The source; one unit is drawn.</param>
    /// <param name="range">The bounds.</param>
    public static float NextUniform<TSource>(this ref TSource random, Interval range)
        where TSource : struct, IRandomSource => Uniform(random.NextUnit(), range);

    /// <summary>
    /// A number of the standard normal distribution, by Box and Muller, "A note on the generation of random normal
    /// deviates" (1958). Two units are drawn; it is not torch's stream.
    /// </summary>
    /// <param name="random">The source.</param>
    public static double NextNormal<TSource>(this ref TSource random)
        where TSource : struct, IRandomSource
    {
        double radius = Math.Sqrt(-2 * Math.Log(1.0 - random.NextUnit()));
        return radius * Math.Cos(2 * Math.PI * random.NextUnit());
    }

    /// <summary>
    /// Fills a span with a random permutation of 0 … length − 1: forward Fisher–Yates, length − 1 draws.
    /// </summary>
    /// <param name="random">The source.</param>
    /// <param name="permutation">Where it is written.</param>
    public static void NextPermutation<TSource>(this ref TSource random, Span<int> permutation)
        where TSource : struct, IRandomSource
    {
        for (int i = 0; i < permutation.Length; i++)
            permutation[i] = i;
        for (int i = 0; i < permutation.Length - 1; i++)
        {
            int j = i + random.NextInteger(permutation.Length - i);
            (permutation[i], permutation[j]) = (permutation[j], permutation[i]);
        }
    }

    private static float Uniform(float unit, Interval range)
    {
        float low = (float)range.Low;
        float span = (float)range.High - low;
        return (float)((unit * (double)span) + low);
    }
}
