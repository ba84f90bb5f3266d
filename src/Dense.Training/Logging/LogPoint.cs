namespace Dense.Training.Logging;

/// <summary>What the logs hold about one moment of training (P-136 to P-140).</summary>
public sealed record LogPoint
{
    /// <summary>The epoch, counted from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The iteration within the epoch, counted from 1.</summary>
    public required int Iteration { get; init; }

    /// <summary>Iterations of one epoch.</summary>
    public required int IterationsPerEpoch { get; init; }

    /// <summary>Iterations finished since the start of training, over all epochs and resumed runs.</summary>
    public required long CompletedIterations { get; init; }

    /// <summary>The learning rate of the step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The momentum of the optimiser; null keeps it out of TensorBoard.</summary>
    public double? Momentum { get; init; }

    /// <summary>Expected time to the end of training; null while unknown.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>Mean seconds of a step, waiting for data included.</summary>
    public required double StepSeconds { get; init; }

    /// <summary>Mean seconds of a step spent waiting for data.</summary>
    public required double DataSeconds { get; init; }

    /// <summary>
    /// Peak memory in MiB, the largest over ranks: of the device where there is one, else of the process.
    /// </summary>
    public required double MemoryMebibytes { get; init; }

    /// <summary>Loss terms in the method's order, the total last.</summary>
    public required IReadOnlyList<LogFigure> Losses { get; init; }

    /// <summary>The further figures of P-140, such as accuracies, queue fill and images per second.</summary>
    public IReadOnlyList<LogFigure> Extras { get; init; } = [];
}
