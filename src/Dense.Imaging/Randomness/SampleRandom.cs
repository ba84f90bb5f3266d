namespace Dense.Imaging;

/// <summary>
/// A random source that belongs to one view of one sample in one epoch of one run (P-99): its numbers depend on nothing
/// else, so results are the same for every number of workers and processes. A value, without allocation; pass it by
/// reference.
/// </summary>
public struct SampleRandom : IRandomSource
{
    private readonly uint _key0, _key1, _view, _sample, _epoch;
    private uint _block;
    private uint _word0, _word1, _word2, _word3;
    private int _left;

    /// <summary>Addresses one stream; different arguments give independent streams of 2³⁴ numbers.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="sampleIndex">The sample's index in the whole data set, 0 … 2⁴⁸ − 1.</param>
    /// <param name="view">The view's number, or a purpose of the caller's own, 0 … 65535.</param>
    public SampleRandom(ulong seed, int epoch, long sampleIndex, int view)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sampleIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sampleIndex, 1L << 48);
        ArgumentOutOfRangeException.ThrowIfNegative(view);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(view, ushort.MaxValue);

        _key0 = (uint)seed;
        _key1 = (uint)(seed >> 32);
        _view = (uint)view | (uint)(sampleIndex >> 32 << 16);
        _sample = (uint)sampleIndex;
        _epoch = (uint)epoch;
    }

    /// <summary>32 random bits.</summary>
    public uint NextUInt32()
    {
        if (_left == 0)
        {
            (_word0, _word1, _word2, _word3) = (_block++, _view, _sample, _epoch);
            Philox.Scramble(ref _word0, ref _word1, ref _word2, ref _word3, _key0, _key1);
            _left = 4;
        }

        return _left-- switch { 4 => _word0, 3 => _word1, 2 => _word2, _ => _word3 };
    }

    /// <inheritdoc/>
    public float NextUnit() => (NextUInt32() >> 8) * (1f / (1 << 24));

    /// <inheritdoc/>
    public int NextInteger(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);

        // Lemire, "Fast random integer generation in an interval" (2019): multiply, and reject the few biased products.
        ulong product = (ulong)NextUInt32() * (uint)count;
        if ((uint)product < (uint)count)
        {
            uint threshold = (uint)-count % (uint)count;
            while ((uint)product < threshold)
                product = (ulong)NextUInt32() * (uint)count;
        }

        return (int)(product >> 32);
    }

    /// <inheritdoc/>
    public double NextBlurUnit()
    {
        ulong high = NextUInt32() >> 5;
        return ((high << 26) + (NextUInt32() >> 6)) * (1.0 / (1L << 53));
    }
}
