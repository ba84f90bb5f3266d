namespace Dense.Training.Detection.Settings;

/// <summary>TEST: when and how a detection run evaluates.</summary>
public sealed record DetectionTestSettings
{
    /// <summary>Iterations between evaluations; 0 or less evaluates at the end only (EVAL_PERIOD, E-31).</summary>
    public int EvaluationPeriod { get; init; }

    /// <summary>EXPECTED_RESULTS (E-32).</summary>
    public IReadOnlyList<ExpectedResult> ExpectedResults { get; init; } = [];

    /// <summary>Batches of which precise BatchNorm statistics are taken (PRECISE_BN.NUM_ITER); null when off.</summary>
    public int? PreciseBatchNormIterations { get; init; }
}
