namespace Dense.Training.Data.Sampling;

/// <summary>
/// How images are ordered, shared among ranks, and cut into batches. The defaults are those of pre-training.
/// </summary>
public sealed record SamplerSettings
{
    /// <summary>The order of an epoch.</summary>
    public SampleOrder Order { get; init; } = SampleOrder.Shuffled;

    /// <summary>The run's seed; the same on all ranks.</summary>
    public ulong Seed { get; init; }

    /// <summary>Images per batch of one rank.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Whether a last batch with fewer images is left out (P-103).</summary>
    public bool DropLast { get; init; } = true;

    /// <summary>Whether an image may occur several times in an epoch and another one not at all (P-104).</summary>
    public bool WithReplacement { get; init; }

    /// <summary>This process, 0 … <see cref="WorldSize"/> − 1.</summary>
    public int Rank { get; init; }

    /// <summary>Number of processes.</summary>
    public int WorldSize { get; init; } = 1;
}
