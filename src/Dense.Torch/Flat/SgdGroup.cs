namespace Dense.Torch.Flat;

/// <summary>Parameters that share their optimiser settings. A schedule changes the settings between steps.</summary>
public sealed class SgdGroup
{
    /// <summary>Names of the parameters, all trainable.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Step size.</summary>
    public required double LearningRate { get; set; }

    /// <summary>μ in [0, 1).</summary>
    public double Momentum { get; set; } = 0.9;

    /// <summary>L2 penalty on every parameter of the group.</summary>
    public double WeightDecay { get; set; } = 1e-4;

    /// <summary>Whether the step looks ahead.</summary>
    public bool Nesterov { get; set; }
}
