using static TorchSharp.torch;

namespace Dense.Models.Layers;

/// <summary>How a network normalises its activations (P-60, P-61).</summary>
public sealed record NormSettings
{
    /// <summary>Which statistics are used.</summary>
    public NormKind Kind { get; init; } = NormKind.Batch;

    /// <summary>Whether scale and shift learn.</summary>
    public bool Trainable { get; init; } = true;

    /// <summary>Number of channel groups; GroupNorm only.</summary>
    public int Groups { get; init; } = 32;

    /// <summary>Added to the variance.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>Weight of the newest batch in the running statistics; BatchNorm only.</summary>
    public double Momentum { get; init; } = 0.1;

    /// <summary>What a layer of this kind is called in a checkpoint, before its number.</summary>
    internal string Name => Kind == NormKind.Group ? "gn" : "bn";

    /// <summary>Whether layers have running statistics that a frozen part can be fixed to.</summary>
    internal bool HasRunningStatistics => Kind is NormKind.Batch or NormKind.SyncBatch or NormKind.NaiveSyncBatch;

    /// <summary>Creates a layer.</summary>
    public nn.Module<Tensor, Tensor> Create(long channels)
    {
        nn.Module<Tensor, Tensor> norm = Kind switch
        {
            NormKind.None => nn.Identity(),
            NormKind.Group => GroupNorms.Create(Groups, channels, Epsilon),
            NormKind.FrozenBatch => new FrozenBatchNorm(channels, Epsilon),
            NormKind.SyncBatch => new BatchNormLayer(channels, Epsilon, Momentum, BatchStatistics.AllPixels),
            NormKind.NaiveSyncBatch => new BatchNormLayer(channels, Epsilon, Momentum, BatchStatistics.AllProcesses),
            _ => new BatchNormLayer(channels, Epsilon, Momentum),
        };
        if (!Trainable)
            norm.SetLearning(false);
        return norm;
    }

    /// <summary>
    /// Creates a layer for a part that is frozen in its initial state (M-24): BatchNorm of any kind becomes a <see
    /// cref="FrozenBatchNorm"/> that keeps the counter.
    /// </summary>
    internal nn.Module<Tensor, Tensor> CreateFrozen(long channels) => HasRunningStatistics
        ? new FrozenBatchNorm(channels, Epsilon, variance: 1, keepsCounter: true)
        : Create(channels);
}
