namespace Dense.Training.Detection.Settings;

/// <summary>SOLVER.WARMUP_METHOD (E-82).</summary>
public enum WarmupMethod
{
    /// <summary><c>linear</c>: a straight line from WARMUP_FACTOR.</summary>
    Linear,

    /// <summary><c>constant</c>: WARMUP_FACTOR until the warm-up ends.</summary>
    Constant,
}
