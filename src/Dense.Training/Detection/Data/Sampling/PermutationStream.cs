using Dense.Imaging;

namespace Dense.Training.Detection.Data.Sampling;

/// <summary>
/// One permutation of all images after another, from one generator: PyTorch's <c>randperm</c> on the CPU (E-99).
/// </summary>
internal sealed class PermutationStream : IIndexStream
{
    private readonly int[] _permutation;
    private TorchvisionRandom _random;
    private int _next;

    /// <summary>Starts the stream.</summary>
    /// <param name="count">Number of images, at least 1.</param>
    /// <param name="seed">Its low 32 bits seed the generator.</param>
    public PermutationStream(int count, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        _permutation = new int[count];
        _random = new TorchvisionRandom((uint)seed);
        _next = count;
    }

    /// <inheritdoc/>
    public int Next()
    {
        if (_next == _permutation.Length)
        {
            _random.NextPermutation(_permutation);
            _next = 0;
        }

        return _permutation[_next++];
    }
}
