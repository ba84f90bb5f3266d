namespace Dense.Detection.Settings;

/// <summary>
/// The bottom-up ResNet in detectron2's options (M-15 to M-24); the defaults are detectron2's (M-143).
/// </summary>
public sealed record BackboneSettings
{
    /// <summary>18, 34, 50, 101 or 152 (RESNETS.DEPTH).</summary>
    public int Depth { get; init; } = 50;

    /// <summary>n ≥ 1 freezes the stem, n ≥ 2 also res2 … res_n (BACKBONE.FREEZE_AT, M-24).</summary>
    public int FreezeAt { get; init; } = 2;

    /// <summary>RESNETS.NORM.</summary>
    public DetectorNorm Norm { get; init; } = DetectorNorm.FrozenBatch;

    /// <summary>
    /// Whether a bottleneck's stride sits in its first 1×1 convolution (RESNETS.STRIDE_IN_1X1, M-17).
    /// </summary>
    public bool StrideInOneByOne { get; init; } = true;

    /// <summary>Feature maps to return: <c>stem</c>, <c>res2</c> … <c>res5</c> (RESNETS.OUT_FEATURES, M-21).</summary>
    public IReadOnlyList<string> OutFeatures { get; init; } = ["res4"];

    /// <summary>Groups of the 3×3 convolutions (RESNETS.NUM_GROUPS).</summary>
    public int NumGroups { get; init; } = 1;

    /// <summary>Bottleneck channels of res2 per group (RESNETS.WIDTH_PER_GROUP).</summary>
    public int WidthPerGroup { get; init; } = 64;

    /// <summary>Output channels of res2, doubled per stage (RESNETS.RES2_OUT_CHANNELS).</summary>
    public int Res2OutChannels { get; init; } = 256;

    /// <summary>RESNETS.STEM_OUT_CHANNELS.</summary>
    public int StemOutChannels { get; init; } = 64;

    /// <summary>1, or 2 for res5 at stride 16 (RESNETS.RES5_DILATION, M-20).</summary>
    public int Res5Dilation { get; init; } = 1;
}
