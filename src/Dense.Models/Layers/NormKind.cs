namespace Dense.Models.Layers;

/// <summary>Kinds of normalisation (P-60).</summary>
public enum NormKind
{
    /// <summary>BatchNorm over the images of one process.</summary>
    Batch,

    /// <summary>BatchNorm over the images of all processes. Checkpoint names are those of <see
    /// cref="Batch"/>.</summary>
    SyncBatch,

    /// <summary>GroupNorm: over groups of channels within an image.</summary>
    Group,
}
