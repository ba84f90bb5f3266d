using Dense.Training.Schedules;

namespace Dense.Training.Settings;

/// <summary>SGD and its schedule (P-112 to P-128). The defaults are DenseCL's on ImageNet.</summary>
public sealed record SolverSettings
{
    /// <summary>The learning rate that the schedule scales.</summary>
    public double BaseRate { get; init; } = 0.03;

    /// <summary>Momentum (μ).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay, on all trainable parameters (P-112).</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>Whether the momentum is Nesterov's.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Settings for some parameters, in order: of two that set the same, the later wins.</summary>
    public IReadOnlyList<ParameterRule> ParameterRules { get; init; } = [];

    /// <summary>The largest norm of the gradient; null for no clipping (P-115).</summary>
    public double? GradientClip { get; init; }

    /// <summary>Iterations whose gradients are added before a step (P-116).</summary>
    public int UpdateInterval { get; init; } = 1;

    /// <summary>Whether <see cref="UpdateInterval"/> may exceed 1 for a contrastive method (P-237).</summary>
    public bool AllowUpdateInterval { get; init; }

    /// <summary>
    /// Whether the base rate is for <see cref="ReferenceBatchSize"/> images and scaled to the real batch (P-114).
    /// </summary>
    public bool AutoScaleRate { get; init; }

    /// <summary>The global batch that the base rate was chosen for.</summary>
    public int ReferenceBatchSize { get; init; } = 256;

    /// <summary>The length of the run (E).</summary>
    public int Epochs { get; init; } = 200;

    /// <summary>The learning rate over the run.</summary>
    public ScheduleSettings Schedule { get; init; } = new();

    /// <summary>
    /// Whether a resumed run takes the base rate from the configuration, not from the checkpoint (P-128).
    /// </summary>
    public bool RateFromConfigurationOnResume { get; init; }

    /// <summary>The base rate of a run.</summary>
    /// <param name="globalBatch">Images per iteration of all processes (B).</param>
    public double RateFor(int globalBatch) =>
        AutoScaleRate ? BaseRate * globalBatch / ReferenceBatchSize : BaseRate;
}
