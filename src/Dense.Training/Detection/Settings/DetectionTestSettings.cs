namespace Dense.Training.Detection.Settings;

/// <summary>TEST: when and how a detection run evaluates.</summary>
public sealed record DetectionTestSettings
{
    /// <summary>Iterations between evaluations; 0 or less evaluates at the end only (EVAL_PERIOD, E-31).</summary>
    public int EvaluationPeriod { get; init; }

    /// <summary>EXPECTED_RESULTS (E-32).</summary>
    public IReadOnlyList<ExpectedResult> ExpectedResults { get; init; } = [];

    /// <summary>Whether training takes precise BatchNorm statistics before it evaluates (PRECISE_BN.ENABLED).</summary>
    public bool PreciseBatchNorm { get; init; }

    /// <summary>Batches of which those statistics are taken (PRECISE_BN.NUM_ITER).</summary>
    public int PreciseBatchNormIterations { get; init; } = 200;
}
