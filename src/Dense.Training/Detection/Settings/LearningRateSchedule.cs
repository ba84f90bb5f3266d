namespace Dense.Training.Detection.Settings;

/// <summary>SOLVER.LR_SCHEDULER_NAME (E-82).</summary>
public enum LearningRateSchedule
{
    /// <summary><c>WarmupMultiStepLR</c>: times GAMMA after each of STEPS.</summary>
    MultiStep,

    /// <summary><c>WarmupCosineLR</c>: half a cosine down to BASE_LR_END.</summary>
    Cosine,

    /// <summary><c>WarmupStepWithFixedGammaLR</c>: times GAMMA at NUM_DECAYS evenly spaced iterations.</summary>
    FixedSteps,
}
