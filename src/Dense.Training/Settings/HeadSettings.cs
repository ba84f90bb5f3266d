namespace Dense.Training.Settings;

/// <summary>The classifier of the supervised method (P-48).</summary>
public sealed record HeadSettings
{
    /// <summary>Its structure.</summary>
    public HeadKind Kind { get; init; } = HeadKind.Linear;

    /// <summary>The number of classes.</summary>
    public int ClassCount { get; init; } = 1000;
}
