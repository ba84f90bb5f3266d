namespace Dense.Training.Hints;

/// <summary>What the hints compare with.</summary>
public sealed record HintSettings
{
    /// <summary>Number of images of the data set, D.</summary>
    public required int DatasetSize { get; init; }

    /// <summary>Length of the queue, K; 0 for a method without one.</summary>
    public int QueueLength { get; init; }

    /// <summary>Images per step over all ranks, B.</summary>
    public required int GlobalBatchSize { get; init; }

    /// <summary>
    /// Steps after the queue is full until a loss at chance level is an alarm. A healthy run leaves it within a few
    /// hundred.
    /// </summary>
    public int ChancePatience { get; init; } = 2000;

    /// <summary>How close to chance level counts as at chance level, relative to it.</summary>
    public double ChanceTolerance { get; init; } = 0.005;

    /// <summary>
    /// Standard deviation of the coordinates of unit vectors, times √dimension, below which the embeddings have
    /// collapsed: it is about 1 when they are spread over the sphere and 0 when they are all equal.
    /// </summary>
    public double CollapseSpread { get; init; } = 0.05;

    /// <summary>Share of the step time spent waiting for data that is worth a warning.</summary>
    public double DataWaitShare { get; init; } = 0.1;
}
