namespace Dense.Training.Detection.Solver;

/// <summary>The learning rate over a run (SOLVER, E-82); the defaults are detectron2's.</summary>
public sealed record DetectionScheduleSettings
{
    /// <summary>LR_SCHEDULER_NAME.</summary>
    public DetectionScheduleKind Kind { get; init; }

    /// <summary>N, at least 1 (MAX_ITER).</summary>
    public long MaxIterations { get; init; } = 40000;

    /// <summary>S, rising, each less than N; later ones are ignored with a warning (STEPS).</summary>
    public IReadOnlyList<long> Steps { get; init; } = [30000];

    /// <summary>γ (GAMMA).</summary>
    public double Gamma { get; init; } = 0.1;

    /// <summary>Steps at equal distances, for <see cref="DetectionScheduleKind.EqualSteps"/> (NUM_DECAYS).</summary>
    public int NumDecays { get; init; } = 3;

    /// <summary>The cosine's last rate as a share of its first, 0 to 1 (BASE_LR_END / BASE_LR).</summary>
    public double EndRatio { get; init; }

    /// <summary>W, at least 0 (WARMUP_ITERS).</summary>
    public long WarmupIterations { get; init; } = 1000;

    /// <summary>f (WARMUP_FACTOR).</summary>
    public double WarmupFactor { get; init; } = 0.001;

    /// <summary>WARMUP_METHOD.</summary>
    public WarmupShape Warmup { get; init; }

    /// <summary>Whether the schedule begins only after the warm-up and is compressed (RESCALE_INTERVAL).</summary>
    public bool RescaleInterval { get; init; }
}
