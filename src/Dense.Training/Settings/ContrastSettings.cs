namespace Dense.Training.Settings;

/// <summary>Queue, momentum encoder and loss of the contrastive methods (P-6, P-33).</summary>
public sealed record ContrastSettings
{
    /// <summary>Vectors in each queue (K).</summary>
    public int QueueLength { get; init; } = 65536;

    /// <summary>Length of an embedding (C).</summary>
    public int FeatureDimension { get; init; } = 128;

    /// <summary>Momentum of the key encoder (m).</summary>
    public double Momentum { get; init; } = 0.999;

    /// <summary>Temperature of the softmax (τ): 0.2 for DenseCL and MoCo-v2, 0.07 for MoCo-v1.</summary>
    public double Temperature { get; init; } = 0.2;

    /// <summary>Weight of the dense loss (λ), 0…1; 1 − λ is that of the global one (P-29).</summary>
    public double Lambda { get; init; } = 0.5;

    /// <summary>Iterations at the start with λ = 0 (P-35).</summary>
    public int LambdaWarmupIterations { get; init; }

    /// <summary>Groups that BatchNorm splits the images of one process into; above 1 it imitates shuffle-BN (P-200).</summary>
    public int BatchNormGroups { get; init; } = 1;
}
