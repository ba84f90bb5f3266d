namespace Dense.Pretraining.Probes;

/// <summary>How well a probe classifies a test set.</summary>
/// <param name="Top1Percent">Share of samples whose class has the best score.</param>
/// <param name="Top5Percent">Share of samples whose class is among the five best.</param>
/// <param name="Predictions">The best class of each sample.</param>
public sealed record ProbeResult(double Top1Percent, double Top5Percent, IReadOnlyList<long> Predictions);
