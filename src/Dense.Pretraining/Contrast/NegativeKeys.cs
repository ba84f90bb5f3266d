using static TorchSharp.torch;

namespace Dense.Pretraining.Contrast;

/// <summary>
/// The keys of past batches, which serve as negatives (P-16, P-30): a ring of K unit vectors of C numbers.
/// </summary>
/// <remarks>
/// One vector per row here, because attention reads rows; one per column in checkpoints (P-11). The write position
/// lives on the host, so a step waits for nothing (P-221).
/// </remarks>
public sealed class NegativeKeys : IDisposable
{
    private Tensor _rows;

    /// <summary>Fills the queue with random unit vectors from libtorch's generator.</summary>
    /// <param name="length">K.</param>
    /// <param name="channels">C.</param>
    public NegativeKeys(long length, long channels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        using Tensor random = randn(length, channels);
        _rows = nn.functional.normalize(random, dim: 1).DetachFromDisposeScope();
    }

    /// <summary>The keys, K×C; changed in place by <see cref="Enqueue"/>.</summary>
    public Tensor Rows => _rows;

    /// <summary>The same memory as checkpoints show it, C×K.</summary>
    public Tensor Columns => _rows.t();

    /// <summary>Where the next key goes, 0 … K − 1.</summary>
    public long Pointer { get; set; }

    /// <summary>Replaces the oldest keys.</summary>
    /// <param name="keys">B×C, unit vectors, in the order of the images of all ranks; B divides K.</param>
    /// <exception cref="ArgumentException">The keys would run over the end of the queue.</exception>
    public void Enqueue(Tensor keys)
    {
        long length = _rows.shape[0], count = keys.shape[0];
        if (length % count != 0 || Pointer + count > length)
        {
            throw new ArgumentException(
                $"A queue of {length} keys takes batches that divide its length and start at a multiple of it; got "
                + $"{count} keys at position {Pointer}. Choose another batch size or queue_len.", nameof(keys));
        }

        using IDisposable noGradient = no_grad();
        using Tensor target = _rows.narrow(0, Pointer, count);
        target.copy_(keys);
        Pointer = (Pointer + count) % length;
    }

    /// <summary>Moves the queue.</summary>
    public void Place(Device device, ScalarType type)
    {
        Tensor moved = _rows.to(type, device).DetachFromDisposeScope();
        if (!ReferenceEquals(moved, _rows))
            _rows.Dispose();
        _rows = moved;
    }

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();
}
