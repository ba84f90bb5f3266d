using Dense.Pretraining.Contrast;
using Dense.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Pretraining.Probes;

// Shapes: M training samples, N test samples, C feature length, L classes.

/// <summary>
/// Weighted k-nearest-neighbour classification of frozen features (P-155): measures a backbone without training
/// anything.
/// </summary>
public sealed class NearestNeighbourProbe : IDisposable
{
    private readonly Tensor _features;
    private readonly Tensor _labels;
    private readonly long _classes;

    /// <summary>Remembers the training set.</summary>
    /// <param name="features">M×C, float32 or float64; normalised here.</param>
    /// <param name="labels">M class numbers, int64.</param>
    /// <param name="classes">L.</param>
    public NearestNeighbourProbe(Tensor features, Tensor labels, long classes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        if (features.ndim != 2 || features.shape[0] == 0 || !labels.shape.SequenceEqual([features.shape[0]]))
        {
            throw new ArgumentException(
                $"Training features are M×C with M labels; got [{string.Join(", ", features.shape)}] and "
                + $"[{string.Join(", ", labels.shape)}].", nameof(features));
        }

        _features = features.Unit().DetachFromDisposeScope();
        _labels = labels.clone().DetachFromDisposeScope();
        _classes = classes;
    }

    /// <summary>The score of each class for each sample: the sum of its neighbours' votes.</summary>
    /// <param name="features">N×C.</param>
    /// <param name="settings">Options.</param>
    /// <returns>N×L, the caller's.</returns>
    public Tensor Scores(Tensor features, NearestNeighbourSettings settings)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        long k = Math.Min(settings.Neighbours, _features.shape[0]);
        Tensor queries = features.Unit();
        Tensor scores = zeros([queries.shape[0], _classes], queries.dtype, queries.device);
        for (long start = 0; start < queries.shape[0]; start += settings.BatchSize)
        {
            using DisposeScope batch = NewDisposeScope();
            long count = Math.Min(settings.BatchSize, queries.shape[0] - start);
            var (similarity, index) = queries.narrow(0, start, count).matmul(_features.t()).topk((int)k, 1);
            Tensor votes = similarity.Over(settings.Temperature).exp();
            scores.narrow(0, start, count).scatter_add_(1, _labels[index], votes);
        }

        return scores.MoveToOuterDisposeScope();
    }

    /// <summary>Classifies a test set.</summary>
    /// <param name="features">N×C.</param>
    /// <param name="labels">N class numbers.</param>
    /// <param name="settings">Options.</param>
    public ProbeResult Evaluate(Tensor features, Tensor labels, NearestNeighbourSettings settings)
    {
        using DisposeScope scope = NewDisposeScope();
        return ProbeScoring.Evaluate(Scores(features, settings), labels);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _features.Dispose();
        _labels.Dispose();
    }
}
