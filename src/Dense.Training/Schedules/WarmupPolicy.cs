namespace Dense.Training.Schedules;

/// <summary>How the learning rate rises at the start of a run (P-127).</summary>
public enum WarmupPolicy
{
    /// <summary>No warm-up.</summary>
    None,

    /// <summary>The ratio times the regular rate.</summary>
    Constant,

    /// <summary>From the ratio to 1 in a straight line.</summary>
    Linear,

    /// <summary>From the ratio to 1 along an exponential.</summary>
    Exponential,
}
