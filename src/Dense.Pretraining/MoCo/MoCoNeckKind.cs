namespace Dense.Pretraining;

/// <summary>Projections that MoCo is used with (P-42).</summary>
public enum MoCoNeckKind
{
    /// <summary>One linear layer: MoCo-v1.</summary>
    Linear,

    /// <summary>Two linear layers: MoCo-v2.</summary>
    NonLinearV1,

    /// <summary>SimCLR's: linear layers without bias, each followed by BatchNorm over all processes.</summary>
    SimClr,
}
