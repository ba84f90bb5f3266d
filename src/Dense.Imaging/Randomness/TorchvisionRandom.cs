namespace Dense.Imaging;

/// <summary>
/// The reference's random stream, for parity: torch's generator for everything (P-97), NumPy's for the blur's σ (P-98);
/// also torch's <c>randperm</c>, by <see cref="RandomDraws.NextPermutation"/> (P-100); not its normal numbers, which
/// <see cref="Lighting"/> needs. A default value is unusable.
/// </summary>
/// <remarks>The draws are consumed from shared generators: copies of this value continue one stream.</remarks>
public readonly struct TorchvisionRandom : IRandomSource
{
    private readonly MersenneTwister _torch;
    private readonly MersenneTwister _numpy;

    /// <summary>Starts both generators.</summary>
    /// <param name="torchSeed">Seed of the generator that torchvision draws from.</param>
    /// <param name="numpySeed">Seed of the generator that σ comes from.</param>
    public TorchvisionRandom(uint torchSeed, uint numpySeed = 0)
    {
        _torch = new MersenneTwister(torchSeed);
        _numpy = new MersenneTwister(numpySeed);
    }

    /// <inheritdoc/>
    public float NextUnit() => (_torch.NextUInt32() & 0xFFFFFF) * (1f / (1 << 24));

    /// <inheritdoc/>
    public int NextInteger(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return (int)(_torch.NextUInt32() % (uint)count);
    }

    /// <inheritdoc/>
    public double NextBlurUnit()
    {
        ulong high = _numpy.NextUInt32() >> 5;
        return ((high << 26) + (_numpy.NextUInt32() >> 6)) * (1.0 / (1L << 53));
    }
}
