namespace Dense.Pretraining.Probes;

/// <summary>Options of a linear probe on given features; the defaults are MoCo's protocol (P-153).</summary>
public sealed record LinearProbeSettings
{
    /// <summary>Step size of the first epochs.</summary>
    public double LearningRate { get; init; } = 30;

    /// <summary>μ of SGD.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>L2 penalty on weights and biases.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Passes over the training set.</summary>
    public int Epochs { get; init; } = 100;

    /// <summary>0-based epochs at whose start the step size shrinks.</summary>
    public IReadOnlyList<int> Milestones { get; init; } = [60, 80];

    /// <summary>Factor by which it shrinks.</summary>
    public double Gamma { get; init; } = 0.1;

    /// <summary>Samples per step.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>Whether a last incomplete batch is left out.</summary>
    public bool DropLast { get; init; } = true;

    /// <summary>The step size of an epoch, 0-based (P-125).</summary>
    public double LearningRateAt(int epoch) =>
        LearningRate * Math.Pow(Gamma, Milestones.Count(m => m <= epoch));
}
