namespace Dense.Training.Detection.Settings;

/// <summary>A line of TEST.EXPECTED_RESULTS, which a run verifies at its end (E-32).</summary>
/// <param name="Task">Such as <c>bbox</c> or <c>segm</c>.</param>
/// <param name="Metric">Such as <c>AP</c>.</param>
/// <param name="Value">What the metric should be, in percent.</param>
/// <param name="Tolerance">How far it may be from that.</param>
public sealed record ExpectedResult(string Task, string Metric, double Value, double Tolerance);
