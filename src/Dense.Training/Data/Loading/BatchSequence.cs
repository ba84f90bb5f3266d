using Dense.Training.Data.Sampling;

namespace Dense.Training.Data.Loading;

/// <summary>All batches of a training, one after the other across epochs. Used under the loader's lock.</summary>
internal sealed class BatchSequence
{
    private readonly EpochSampler _sampler;
    private readonly int _epochs;
    private LoaderPosition _next;
    private int _indicesEpoch = -1;
    private int[] _indices = [];

    /// <summary>Places the sequence before a batch.</summary>
    /// <param name="sampler">The order of the images.</param>
    /// <param name="epochs">The sequence ends after this many.</param>
    /// <param name="start">The first batch; the end of an epoch is the start of the next one.</param>
    public BatchSequence(EpochSampler sampler, int epochs, LoaderPosition start)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start.Epoch, nameof(start));
        ArgumentOutOfRangeException.ThrowIfNegative(start.Iteration, nameof(start));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start.Iteration, sampler.BatchesPerEpoch, nameof(start));

        _sampler = sampler;
        _epochs = epochs;
        _next = Normalize(start);
    }

    /// <summary>Whether there are no more batches.</summary>
    public bool IsAtEnd => _next.Epoch >= _epochs;

    /// <summary>Tells a slot which batch it holds, and moves on.</summary>
    public void BeginNext(BatchSlot slot)
    {
        if (_indicesEpoch != _next.Epoch)
        {
            _indices = _sampler.IndicesOf(_next.Epoch);
            _indicesEpoch = _next.Epoch;
        }

        int first = _next.Iteration * _sampler.BatchSize;
        slot.Begin(_next, _indices.AsSpan(first, _sampler.BatchLength(_next.Iteration)));
        _next = Normalize(_next with { Iteration = _next.Iteration + 1 });
    }

    private LoaderPosition Normalize(LoaderPosition position) =>
        position.Iteration < _sampler.BatchesPerEpoch ? position : new LoaderPosition(position.Epoch + 1, 0);
}
