namespace Dense.Training.Detection.Solver;

/// <summary>How the rate falls (SOLVER.LR_SCHEDULER_NAME, E-82).</summary>
public enum DetectionScheduleKind
{
    /// <summary><c>WarmupMultiStepLR</c>: by a factor at given iterations.</summary>
    MultiStep,

    /// <summary><c>WarmupCosineLR</c>: along half a cosine.</summary>
    Cosine,

    /// <summary><c>WarmupStepWithFixedGammaLR</c>: by a factor at equal distances.</summary>
    EqualSteps,
}
