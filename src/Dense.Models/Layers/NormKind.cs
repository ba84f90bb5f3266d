namespace Dense.Models.Layers;

/// <summary>Kinds of normalisation (P-60, M-26).</summary>
public enum NormKind
{
    /// <summary>BatchNorm over the images of one process.</summary>
    Batch,

    /// <summary>BatchNorm over the images of all processes. Checkpoint names are those of <see
    /// cref="Batch"/>.</summary>
    SyncBatch,

    /// <summary>GroupNorm: over groups of channels within an image.</summary>
    Group,

    /// <summary>BatchNorm over all processes, each with equal weight (M-32).</summary>
    NaiveSyncBatch,

    /// <summary>BatchNorm whose statistics, scale and shift are fixed (M-28).</summary>
    FrozenBatch,

    /// <summary>No normalisation.</summary>
    None,
}
