namespace Dense.Training.Settings;

/// <summary>The normalisation layers of a backbone (P-60).</summary>
public enum NormKind
{
    /// <summary>BatchNorm over the images of one process. MoCo and DenseCL need it (P-44).</summary>
    BatchNorm,

    /// <summary>BatchNorm over the images of all processes.</summary>
    SyncBatchNorm,

    /// <summary>GroupNorm.</summary>
    GroupNorm,
}
