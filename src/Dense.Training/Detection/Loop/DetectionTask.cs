namespace Dense.Training.Detection.Loop;

/// <summary>What a detection run does.</summary>
public enum DetectionTask
{
    /// <summary>Trains, then evaluates.</summary>
    Train,

    /// <summary>Evaluates only (E-22).</summary>
    Evaluate,

    /// <summary>Computes the statistics of BatchNorm anew, and changes nothing else (KF-31).</summary>
    PreciseBatchNorm,
}
