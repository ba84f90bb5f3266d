using Dense.Imaging;

namespace Dense.Training.Detection.Data.Sampling;

/// <summary>
/// Epochs in which each image comes as often as its factor says: the whole part always, the fraction by chance; then
/// permuted (E-101).
/// </summary>
internal sealed class RepeatFactorStream : IIndexStream
{
    private readonly float[] _factors;
    private readonly List<int> _repeated = [];
    private TorchvisionRandom _random;
    private int[] _permutation = [];
    private int _next;

    /// <summary>Starts the stream.</summary>
    /// <param name="factors">One for each image, at least 1.</param>
    /// <param name="seed">Its low 32 bits seed the generator.</param>
    public RepeatFactorStream(float[] factors, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfZero(factors.Length);
        _factors = factors;
        _random = new TorchvisionRandom((uint)seed);
    }

    /// <inheritdoc/>
    public int Next()
    {
        if (_next == _permutation.Length)
            BeginEpoch();

        return _repeated[_permutation[_next++]];
    }

    private void BeginEpoch()
    {
        _repeated.Clear();
        for (int i = 0; i < _factors.Length; i++)
        {
            float whole = MathF.Truncate(_factors[i]);
            int times = (int)whole + (_random.NextUnit() < _factors[i] - whole ? 1 : 0);
            for (int k = 0; k < times; k++)
                _repeated.Add(i);
        }

        _permutation = new int[_repeated.Count];
        _random.NextPermutation(_permutation);
        _next = 0;
    }
}
