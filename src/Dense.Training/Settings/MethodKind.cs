namespace Dense.Training.Settings;

/// <summary>What is trained.</summary>
public enum MethodKind
{
    /// <summary>Dense contrastive learning.</summary>
    DenseCl,

    /// <summary>Momentum contrast, version 1 or 2 by its neck, temperature and augmentation (P-43).</summary>
    MoCo,

    /// <summary>Supervised classification, of the whole network or of a linear layer on a frozen one.</summary>
    Classification,
}
