namespace Dense.Training.Settings;

/// <summary>What is logged (P-136 to P-139).</summary>
public sealed record LogSettings
{
    /// <summary>Iterations between log lines.</summary>
    public int IntervalIterations { get; init; } = 50;

    /// <summary>Whether TensorBoard files are written.</summary>
    public bool TensorBoard { get; init; } = true;
}
