namespace Dense.Training.Hints;

/// <summary>What the loop knows at a log point. Figures that a method does not have are null.</summary>
/// <param name="CompletedIterations">Steps finished since the start of training.</param>
public sealed record HintFigures(long CompletedIterations)
{
    /// <summary>The unweighted contrastive loss terms, averaged over the log window.</summary>
    public IReadOnlyList<(string Name, double Value)> ContrastiveLosses { get; init; } = [];

    /// <summary>
    /// Standard deviation of the embeddings' coordinates over the batch, averaged, times √dimension: 0 … about 1.
    /// </summary>
    public double? EmbeddingSpread { get; init; }

    /// <summary>Seconds per step.</summary>
    public double StepSeconds { get; init; }

    /// <summary>Seconds per step spent waiting for data.</summary>
    public double DataSeconds { get; init; }
}
