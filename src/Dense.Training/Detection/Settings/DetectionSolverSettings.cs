namespace Dense.Training.Detection.Settings;

/// <summary>
/// SOLVER: optimizer and schedule of detection training (E-76 to E-87); the defaults are detectron2's.
/// </summary>
public sealed record DetectionSolverSettings
{
    /// <summary>Images per iteration over all processes (IMS_PER_BATCH, E-86).</summary>
    public int ImagesPerBatch { get; init; } = 16;

    /// <summary>Parts that each process computes its images of an iteration in, one after the other; a divisor of their
    /// number (<c>--accumulate</c>, KF-34). Losses and gradients are the means over the parts.</summary>
    public int BatchParts { get; init; } = 1;

    /// <summary>Learning rate η (BASE_LR).</summary>
    public double BaseRate { get; init; } = 0.001;

    /// <summary>MOMENTUM.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>NESTEROV.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Weight decay λ (WEIGHT_DECAY).</summary>
    public double WeightDecay { get; init; } = 0.0001;

    /// <summary>λ of norm layers (WEIGHT_DECAY_NORM, E-80); null takes <see cref="WeightDecay"/>.</summary>
    public double? WeightDecayNorm { get; init; } = 0;

    /// <summary>λ of biases (WEIGHT_DECAY_BIAS, E-80); null takes <see cref="WeightDecay"/>.</summary>
    public double? WeightDecayBias { get; init; }

    /// <summary>Factor on η for biases (BIAS_LR_FACTOR, E-80).</summary>
    public double BiasRateFactor { get; init; } = 1;

    /// <summary>LR_SCHEDULER_NAME.</summary>
    public LearningRateSchedule Schedule { get; init; }

    /// <summary>N (MAX_ITER).</summary>
    public int MaxIterations { get; init; } = 40000;

    /// <summary>Iterations after which η falls, ascending, below N (STEPS, E-82).</summary>
    public IReadOnlyList<int> Steps { get; init; } = [30000];

    /// <summary>γ (GAMMA).</summary>
    public double Gamma { get; init; } = 0.1;

    /// <summary>Decays of <see cref="LearningRateSchedule.FixedSteps"/> (NUM_DECAYS).</summary>
    public int NumDecays { get; init; } = 3;

    /// <summary>η at the end of <see cref="LearningRateSchedule.Cosine"/> (BASE_LR_END).</summary>
    public double EndRate { get; init; }

    /// <summary>W (WARMUP_ITERS).</summary>
    public int WarmupIterations { get; init; } = 1000;

    /// <summary>f (WARMUP_FACTOR).</summary>
    public double WarmupFactor { get; init; } = 0.001;

    /// <summary>WARMUP_METHOD.</summary>
    public WarmupMethod WarmupMethod { get; init; }

    /// <summary>Whether the schedule begins after the warm-up instead of under it (RESCALE_INTERVAL).</summary>
    public bool RescaleInterval { get; init; }

    /// <summary>CLIP_GRADIENTS; null when off.</summary>
    public GradientClipping? Clipping { get; init; }

    /// <summary>Float16 autocast and loss scaling, on CUDA (AMP.ENABLED, E-84).</summary>
    public bool MixedPrecision { get; init; }

    /// <summary>Iterations between checkpoints; 0 or less keeps the last one only (CHECKPOINT_PERIOD, E-29).</summary>
    public int CheckpointPeriod { get; init; } = 5000;

    /// <summary>Processes that the settings are meant for; 0 fits any (REFERENCE_WORLD_SIZE, E-87).</summary>
    public int ReferenceWorldSize { get; init; }
}
