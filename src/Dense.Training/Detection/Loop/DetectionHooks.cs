namespace Dense.Training.Detection.Loop;

/// <summary>What happens beside the steps of a training; null for what does not.</summary>
public sealed record DetectionHooks
{
    /// <summary>Replaces the running statistics of BatchNorm (M-123).</summary>
    public Action? RefreshStatistics { get; init; }

    /// <summary>Evaluates; returns results by <c>task/metric</c> (E-31).</summary>
    /// <remarks>Its argument is the iteration that the results belong to.</remarks>
    public Func<long, IReadOnlyDictionary<string, double>>? Evaluate { get; init; }

    /// <summary>Told every log point with the batch that was last, for pictures.</summary>
    public Action<long, IReadOnlyList<Dense.Detection.InputImage>>? ShowBatch { get; init; }
}
