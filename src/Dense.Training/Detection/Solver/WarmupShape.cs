namespace Dense.Training.Detection.Solver;

/// <summary>How the rate starts (SOLVER.WARMUP_METHOD, E-82).</summary>
public enum WarmupShape
{
    /// <summary><c>linear</c>: a straight line from the factor to the schedule.</summary>
    Linear,

    /// <summary><c>constant</c>: the factor alone.</summary>
    Constant,
}
