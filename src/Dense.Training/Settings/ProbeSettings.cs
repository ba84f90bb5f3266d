namespace Dense.Training.Settings;

/// <summary>The k-nearest-neighbour probe during pre-training (P-155, P-216, P-231).</summary>
public sealed record ProbeSettings
{
    /// <summary>Epochs between probes; 0 for none.</summary>
    public int IntervalEpochs { get; init; }

    /// <summary>Labelled images that vote.</summary>
    public DataSourceSettings Train { get; init; } = new();

    /// <summary>Labelled images that are classified.</summary>
    public DataSourceSettings Test { get; init; } = new();

    /// <summary>Numbers of neighbours (k).</summary>
    public IReadOnlyList<int> Neighbours { get; init; } = [10, 20, 100, 200];

    /// <summary>Temperature of the votes (T).</summary>
    public double Temperature { get; init; } = 0.07;
}
