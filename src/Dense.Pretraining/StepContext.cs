using Dense.Torch;
using static TorchSharp.torch;

namespace Dense.Pretraining;

/// <summary>What a step depends on besides its batch.</summary>
/// <param name="Iteration">0-based, counted over the whole run.</param>
public sealed record StepContext(long Iteration)
{
    /// <summary>
    /// Whether to compute <see cref="StepResult.Figures"/>. They cost a pass over the queue, so ask for them at log
    /// points only.
    /// </summary>
    public bool Figures { get; init; }

    /// <summary>
    /// The key shuffle (P-23): a permutation of 0 … B−1 over the batch of all ranks, int64. Null draws it from the
    /// method's seed and <see cref="Iteration"/>, where it is needed at all.
    /// </summary>
    public Tensor? KeyPermutation { get; init; }

    /// <summary>
    /// Where the learning backbone marks its stages, for <see cref="PretrainingMethod.Gradients"/>; null where
    /// the loss is differentiated in one go.
    /// </summary>
    public SegmentedBackward? Segments { get; init; }

    /// <summary>Called with intermediate tensors by name; they belong to the step.</summary>
    internal Action<string, Tensor>? Observe { get; init; }
}
