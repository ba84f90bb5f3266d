using Dense.Models.Layers;

namespace Dense.Models.Backbones;

/// <summary>Options of a <see cref="ResNet"/> (P-53, M-15 to M-24); the defaults are those of pre-training.</summary>
public sealed record ResNetSettings
{
    /// <summary>18, 34, 50, 101 or 152 layers.</summary>
    public int Depth { get; init; } = 50;

    /// <summary>Channels of the input image.</summary>
    public int InChannels { get; init; } = 3;

    /// <summary>Stages built, 1 to 4.</summary>
    public int NumStages { get; init; } = 4;

    /// <summary>Stride of each stage's first block.</summary>
    public IReadOnlyList<int> Strides { get; init; } = [1, 2, 2, 2];

    /// <summary>Dilation of each stage's 3×3 convolutions.</summary>
    public IReadOnlyList<int> Dilations { get; init; } = [1, 1, 1, 1];

    /// <summary>Which feature maps to return: 0 is the stem before its max pool, i the output of stage i
    /// (P-55).</summary>
    public IReadOnlyList<int> OutIndices { get; init; } = [0, 1, 2, 3, 4];

    /// <summary>Where a bottleneck's stride sits.</summary>
    public ConvolutionStyle Style { get; init; } = ConvolutionStyle.Pytorch;

    /// <summary>f ≥ 0 freezes the stem and stages 1 … f; −1 freezes nothing (P-62).</summary>
    public int FrozenStages { get; init; } = -1;

    /// <summary>Normalisation layers.</summary>
    public NormSettings Norm { get; init; } = new();

    /// <summary>Keeps all BatchNorm layers in evaluation mode; scale and shift still learn (P-63).</summary>
    public bool NormEval { get; init; }

    /// <summary>Computes the blocks a second time in backward instead of keeping their activations.</summary>
    public bool WithCheckpointing { get; init; }

    /// <summary>Starts the last norm of each block at 0, so that each block starts as the identity (P-68).</summary>
    public bool ZeroInitResidual { get; init; }

    /// <summary>
    /// Turns BatchNorm of frozen parts into <see cref="FrozenBatchNorm"/> (M-24); otherwise it stays and is kept in
    /// evaluation mode (P-62).
    /// </summary>
    public bool ConvertsFrozenNorms { get; init; }

    /// <summary>How convolutions start.</summary>
    public ConvolutionInitialisation Initialisation { get; init; } = ConvolutionInitialisation.FanIn;

    /// <summary>
    /// Channels of the 3×3 convolutions in the first stage, doubled by each that follows; 64 in every published network
    /// without groups.
    /// </summary>
    public int BaseWidth { get; init; } = 64;

    /// <summary>Groups of the bottlenecks' 3×3 convolutions; 1 unless ResNeXt.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Channels of the stem; null for <see cref="BaseWidth"/>.</summary>
    public int? StemChannels { get; init; }

    /// <summary>
    /// Output channels of the first stage, doubled by each that follows; null for BaseWidth, or four times as many with
    /// bottlenecks.
    /// </summary>
    public int? FirstStageChannels { get; init; }

    /// <summary>Whether the blocks are bottlenecks (50 layers and more).</summary>
    public bool UsesBottlenecks => Depth >= 50;

    /// <summary>Channels of the last stage.</summary>
    public int FeatureChannels => Channels(NumStages);

    /// <summary>Blocks in each of the four stages.</summary>
    /// <exception cref="ArgumentException">There is no network of this depth.</exception>
    public IReadOnlyList<int> Blocks => Depth switch
    {
        18 => [2, 2, 2, 2],
        34 or 50 => [3, 4, 6, 3],
        101 => [3, 4, 23, 3],
        152 => [3, 8, 36, 3],
        _ => throw new ArgumentException($"There is no ResNet of {Depth} layers; choose 18, 34, 50, 101 or 152."),
    };

    /// <summary>Channels of a feature map.</summary>
    /// <param name="index">0 for the stem, i for stage i.</param>
    public int Channels(int index) => index == 0
        ? StemChannels ?? BaseWidth
        : (FirstStageChannels ?? BaseWidth * (UsesBottlenecks ? 4 : 1)) << (index - 1);

    /// <summary>Everything that is wrong with these settings; empty when they can be built.</summary>
    public IEnumerable<string> Problems()
    {
        if (Depth is not (18 or 34 or 50 or 101 or 152))
            yield return $"backbone.depth is {Depth}; choose 18, 34, 50, 101 or 152.";
        if (InChannels < 1)
            yield return $"backbone.in_channels is {InChannels}; it must be positive.";
        if (BaseWidth < 1)
            yield return $"backbone.base_width is {BaseWidth}; it must be positive.";
        if (StemChannels < 1 || FirstStageChannels < 1)
            yield return $"Stem and first stage have {Channels(0)} and {Channels(1)} channels; both must be positive.";
        if (Groups < 1 || BaseWidth % Groups != 0)
            yield return $"{BaseWidth} channels do not split into {Groups} groups of convolutions.";
        if (!UsesBottlenecks && (Groups != 1 || Channels(1) != BaseWidth))
            yield return $"{Depth} layers have no bottlenecks: groups and another width of the first stage need 50.";
        if (NumStages is < 1 or > 4)
            yield return $"backbone.num_stages is {NumStages}; choose 1 to 4.";
        if (Strides.Count < NumStages || Strides.Any(s => s < 1))
            yield return $"backbone.strides must hold a positive number for each of the {NumStages} stages.";
        if (Dilations.Count < NumStages || Dilations.Any(d => d < 1))
            yield return $"backbone.dilations must hold a positive number for each of the {NumStages} stages.";
        if (OutIndices.Count == 0 || OutIndices.Any(i => i < 0 || i > NumStages))
            yield return $"backbone.out_indices must hold numbers from 0 (stem) to {NumStages} (last stage).";
        if (FrozenStages < -1 || FrozenStages > NumStages)
            yield return $"backbone.frozen_stages is {FrozenStages}; choose -1 (none) to {NumStages}.";
        if (Norm.Kind == NormKind.Group && Norm.Groups < 1)
            yield return $"backbone.norm_cfg.num_groups is {Norm.Groups}; it must be positive.";
        foreach (int channels in (int[])[Channels(0), BaseWidth, Channels(1)])
        {
            if (Norm.Kind == NormKind.Group && Norm.Groups > 0 && channels % Norm.Groups != 0)
                yield return $"backbone.norm_cfg.num_groups is {Norm.Groups}; it must divide {channels} channels.";
        }
    }
}
