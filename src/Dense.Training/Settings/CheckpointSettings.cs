namespace Dense.Training.Settings;

/// <summary>When checkpoints are written (P-130, P-134).</summary>
public sealed record CheckpointSettings
{
    /// <summary>Epochs between checkpoints; 0 for the last epoch only.</summary>
    public int IntervalEpochs { get; init; } = 10;

    /// <summary>Iterations between checkpoints within an epoch; 0 for none.</summary>
    public int IntervalIterations { get; init; }

    /// <summary>How many checkpoints are kept; 0 for all (P-225).</summary>
    public int KeepLast { get; init; }
}
