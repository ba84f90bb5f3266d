using Dense.Models.Backbones;

namespace Dense.Training.Settings;

/// <summary>What is trained. The defaults are DenseCL with ResNet-50 as published (P-162).</summary>
public sealed record ModelSettings
{
    /// <summary>The method.</summary>
    public MethodKind Method { get; init; } = MethodKind.DenseCl;

    /// <summary>A weight file that the backbone starts from (P-69); null for random weights.</summary>
    public string? Pretrained { get; init; }

    /// <summary>The backbone.</summary>
    public ResNetSettings Backbone { get; init; } = new();

    /// <summary>The projection; of contrastive methods only.</summary>
    public NeckSettings Neck { get; init; } = new();

    /// <summary>Queue and loss; of contrastive methods only.</summary>
    public ContrastSettings Contrast { get; init; } = new();

    /// <summary>The classifier; of the supervised method only.</summary>
    public HeadSettings Head { get; init; } = new();

    /// <summary>Whether images are told apart by their queue, without labels.</summary>
    public bool IsContrastive => Method != MethodKind.Classification;
}
