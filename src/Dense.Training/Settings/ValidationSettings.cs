namespace Dense.Training.Settings;

/// <summary>Top-1 and top-5 accuracy of the supervised method on labelled images (P-49).</summary>
public sealed record ValidationSettings
{
    /// <summary>The labelled images.</summary>
    public DataSourceSettings Source { get; init; } = new();

    /// <summary>Epochs between validations; 0 for none.</summary>
    public int IntervalEpochs { get; init; }

    /// <summary>Whether to validate before training too.</summary>
    public bool AtStart { get; init; }
}
