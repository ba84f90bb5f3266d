namespace Dense.Pretraining.Probes;

/// <summary>Options of the k-NN probe (P-155).</summary>
public sealed record NearestNeighbourSettings
{
    /// <summary>Number k of neighbours that vote; limited to the number of training samples.</summary>
    public int Neighbours { get; init; } = 20;

    /// <summary>Temperature T: a neighbour of similarity s votes with weight exp(s/T).</summary>
    public double Temperature { get; init; } = 0.07;

    /// <summary>Test samples that are compared at a time.</summary>
    public int BatchSize { get; init; } = 256;
}
