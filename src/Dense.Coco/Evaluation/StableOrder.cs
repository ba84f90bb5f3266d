namespace Dense.Coco.Evaluation;

/// <summary>Stable sorting of positions in linear time.</summary>
internal static class StableOrder
{
    private const int DigitBits = 11;
    private const int DigitValues = 1 << DigitBits;

    /// <summary>Orders items by a small whole number, equal ones as before.</summary>
    /// <param name="items">The items; an item is an index into <paramref name="keys"/>.</param>
    /// <param name="keys">Each from 0 to <paramref name="keyCount"/> − 1.</param>
    /// <param name="keyCount">Number of different keys.</param>
    /// <param name="starts">Receives where each key's items start, and the total at the end: keyCount + 1
    /// values.</param>
    public static int[] ByKey(ReadOnlySpan<int> items, ReadOnlySpan<int> keys, int keyCount, out int[] starts)
    {
        starts = new int[keyCount + 1];
        foreach (int item in items)
            starts[keys[item] + 1]++;

        for (int key = 0; key < keyCount; key++)
            starts[key + 1] += starts[key];

        int[] next = starts[..keyCount];
        int[] ordered = new int[items.Length];
        foreach (int item in items)
            ordered[next[keys[item]]++] = item;

        return ordered;
    }

    /// <summary>Orders items by score, the highest first, equal ones as before.</summary>
    /// <param name="items">The items; an item is an index into <paramref name="scores"/>.</param>
    /// <param name="scores">Numbers, none of them NaN.</param>
    public static int[] ByScoreDescending(ReadOnlySpan<int> items, ReadOnlySpan<double> scores)
    {
        var from = new (ulong Key, int Item)[items.Length];
        ulong differs = 0;
        for (int i = 0; i < items.Length; i++)
        {
            from[i] = (DescendingKey(scores[items[i]]), items[i]);
            differs |= from[i].Key ^ from[0].Key;
        }

        var to = new (ulong Key, int Item)[items.Length];
        Span<int> next = stackalloc int[DigitValues];
        for (int shift = 0; shift < 64; shift += DigitBits)
        {
            if ((differs >> shift & (DigitValues - 1)) == 0)
                continue;

            Distribute(from, to, shift, next);
            (from, to) = (to, from);
        }

        int[] ordered = new int[items.Length];
        for (int i = 0; i < ordered.Length; i++)
            ordered[i] = from[i].Item;

        return ordered;
    }

    private static void Distribute((ulong Key, int Item)[] from, (ulong Key, int Item)[] to, int shift, Span<int> next)
    {
        next.Clear();
        foreach ((ulong key, _) in from)
            next[(int)(key >> shift) & (DigitValues - 1)]++;

        int start = 0;
        foreach (ref int count in next)
            (count, start) = (start, start + count);

        foreach ((ulong Key, int Item) entry in from)
            to[next[(int)(entry.Key >> shift) & (DigitValues - 1)]++] = entry;
    }

    // A number that is the smaller the larger the score is. Adding zero makes −0 and 0 equal.
    private static ulong DescendingKey(double score)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(score + 0.0);
        return (bits >> 63) != 0 ? bits : ~bits & 0x7FFF_FFFF_FFFF_FFFF;
    }
}
