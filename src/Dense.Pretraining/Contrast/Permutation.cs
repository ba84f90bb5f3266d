namespace Dense.Pretraining.Contrast;

/// <summary>Random permutations that depend on a seed and an address only (P-99).</summary>
internal static class Permutation
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>A permutation of 0 … count − 1, the same for the same arguments on every machine.</summary>
    public static long[] Draw(ulong seed, long address, long count)
    {
        ulong state = Mix(seed) ^ Mix((ulong)address + Golden);
        var order = new long[count];
        for (long i = 0; i < count; i++)
            order[i] = i;

        for (long i = count - 1; i > 0; i--)
        {
            state += Golden;
            long j = (long)(Mix(state) % (ulong)(i + 1));
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    // The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
