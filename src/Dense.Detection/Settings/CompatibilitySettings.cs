namespace Dense.Detection.Settings;

/// <summary>
/// Where ours differs from the reference on purpose, the reference's behaviour for comparisons (COMPAT, M-4, M-146).
/// All off by default.
/// </summary>
public sealed record CompatibilitySettings
{
    /// <summary>
    /// Precise BatchNorm weighs the batches of all ranks by each rank's own pixels, and ranks end with different
    /// statistics (KF-29); COMPAT.LOCAL_PRECISE_BN_COUNTS.
    /// </summary>
    public bool LocalPreciseBatchNormCounts { get; init; }

    /// <summary>
    /// SOLOv2 enlarges masks by ⌈H / H_m⌉, which is wrong when another image of the batch is taller (KF-6);
    /// COMPAT.REFERENCE_UPSAMPLING.
    /// </summary>
    public bool ReferenceUpsampling { get; init; }

    /// <summary>
    /// FCOS separates classes by shifting coordinates, which couples boxes of different classes when coordinates are
    /// negative (KF-7, M-74); COMPAT.SHIFTED_CLASS_NMS.
    /// </summary>
    public bool ShiftedClassNms { get; init; }

    /// <summary>
    /// Precise BatchNorm averages the statistics of the batches without weights, as fvcore did before May 2021 and so
    /// probably for the published DenseCL results (M-127); COMPAT.UNWEIGHTED_PRECISE_BN.
    /// </summary>
    public bool UnweightedPreciseBatchNorm { get; init; }

    /// <summary>SOLOv2 returns zero boxes (KF-8, E-127); COMPAT.ZERO_SOLOV2_BOXES.</summary>
    public bool ZeroSoloV2Boxes { get; init; }
}
