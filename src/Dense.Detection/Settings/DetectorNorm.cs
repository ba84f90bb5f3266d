namespace Dense.Detection.Settings;

/// <summary>Normalisation layers by the names that configurations use (M-26).</summary>
public enum DetectorNorm
{
    /// <summary>No normalisation: <c>""</c> or <c>none</c>.</summary>
    None,

    /// <summary><c>BN</c>: BatchNorm over the images of one process (M-27).</summary>
    Batch,

    /// <summary>
    /// <c>SyncBN</c>, <c>nnSyncBN</c>: BatchNorm over the images of all processes, weighted by pixels (M-30).
    /// </summary>
    SyncBatch,

    /// <summary><c>naiveSyncBN</c>: BatchNorm over all processes, each with equal weight (M-32).</summary>
    NaiveSyncBatch,

    /// <summary><c>FrozenBN</c>: fixed statistics, scale and shift (M-28).</summary>
    FrozenBatch,

    /// <summary><c>GN</c>: GroupNorm of 32 groups (M-29).</summary>
    Group,
}
