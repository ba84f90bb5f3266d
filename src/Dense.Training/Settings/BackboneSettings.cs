namespace Dense.Training.Settings;

/// <summary>The ResNet (P-53). The defaults are the published ResNet-50.</summary>
public sealed record BackboneSettings
{
    /// <summary>18, 34, 50, 101 or 152.</summary>
    public int Depth { get; init; } = 50;

    /// <summary>Channels of the first stage; 64 in every published network.</summary>
    public int Width { get; init; } = 64;

    /// <summary>The number of stages, 1…4.</summary>
    public int StageCount { get; init; } = 4;

    /// <summary>Whether the stride stands in the first 1×1 convolution ("caffe") instead of the 3×3 (P-56).</summary>
    public bool StrideIn1X1 { get; init; }

    /// <summary>The normalisation layers.</summary>
    public NormKind Norm { get; init; } = NormKind.BatchNorm;

    /// <summary>Groups of <see cref="NormKind.GroupNorm"/>.</summary>
    public int NormGroups { get; init; } = 32;

    /// <summary>Whether BatchNorm keeps its running statistics while training (P-63).</summary>
    public bool NormEval { get; init; }

    /// <summary>−1 for none; f freezes the stem and stages 1…f (P-62).</summary>
    public int FrozenStages { get; init; } = -1;

    /// <summary>Whether the last normalisation of each block starts at 0 (P-17).</summary>
    public bool ZeroInitResidual { get; init; }

    /// <summary>The channels of the last stage.</summary>
    public int OutChannels => (Width << (StageCount - 1)) * (Depth < 50 ? 1 : 4);
}
