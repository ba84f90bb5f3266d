namespace Dense.Training.Settings;

/// <summary>The projection behind the backbone (P-8, P-42).</summary>
public enum NeckKind
{
    /// <summary>DenseCL's global and dense projections.</summary>
    Dense,

    /// <summary>One linear layer: MoCo-v1.</summary>
    Linear,

    /// <summary>Two linear layers: MoCo-v2.</summary>
    Mlp,

    /// <summary>Two linear layers with SyncBN, as in SimCLR.</summary>
    SimClr,
}
