namespace Dense.Training.Detection.Settings;

/// <summary>A run fitted to the number of its processes (E-87).</summary>
/// <param name="Settings">The settings to run with.</param>
/// <param name="Changes">What differs from the configuration; empty when nothing does.</param>
public sealed record ScaledRun(DetectionRunSettings Settings, IReadOnlyList<ScaledValue> Changes);

/// <summary>A value that scaling changed.</summary>
/// <param name="Key">The full key.</param>
/// <param name="Before">The value of the configuration.</param>
/// <param name="After">The value of the run.</param>
public sealed record ScaledValue(string Key, string Before, string After);
