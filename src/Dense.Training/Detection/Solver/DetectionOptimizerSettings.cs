namespace Dense.Training.Detection.Solver;

/// <summary>SGD of a detector (SOLVER, E-76 to E-83); the defaults are detectron2's.</summary>
public sealed record DetectionOptimizerSettings
{
    /// <summary>BASE_LR.</summary>
    public double BaseRate { get; init; } = 0.001;

    /// <summary>MOMENTUM.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>NESTEROV.</summary>
    public bool Nesterov { get; init; }

    /// <summary>WEIGHT_DECAY.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>Of normalisation layers, weight and bias (WEIGHT_DECAY_NORM).</summary>
    public double WeightDecayNorm { get; init; }

    /// <summary>On the rate of every bias (BIAS_LR_FACTOR).</summary>
    public double BiasRateFactor { get; init; } = 1;

    /// <summary>Of every bias; null leaves it to the other rules (WEIGHT_DECAY_BIAS).</summary>
    public double? WeightDecayBias { get; init; }

    /// <summary>Null for no clipping (CLIP_GRADIENTS).</summary>
    public GradientClipSettings? Clip { get; init; }
}
