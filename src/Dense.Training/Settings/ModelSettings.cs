using Dense.Models.Backbones;
using Dense.Pretraining;

namespace Dense.Training.Settings;

/// <summary>What is trained: the settings of exactly one method. The default is DenseCL as published (P-162).</summary>
public sealed record ModelSettings
{
    /// <summary>The method.</summary>
    public MethodKind Method { get; init; } = MethodKind.DenseCl;

    /// <summary>A weight file that the backbone starts from (P-69); null for random weights.</summary>
    public string? Pretrained { get; init; }

    /// <summary>Settings of <see cref="MethodKind.DenseCl"/>; else null.</summary>
    public DenseClSettings? DenseCl { get; init; }

    /// <summary>Settings of <see cref="MethodKind.MoCo"/>; else null.</summary>
    public MoCoSettings? MoCo { get; init; }

    /// <summary>Settings of <see cref="MethodKind.Classification"/>; else null.</summary>
    public ClassificationSettings? Classification { get; init; }

    /// <summary>The settings that DenseCL and MoCo share; null for the supervised method.</summary>
    public ContrastiveSettings? Contrastive => (ContrastiveSettings?)DenseCl ?? MoCo;

    /// <summary>The backbone of the method.</summary>
    public ResNetSettings Backbone => Contrastive?.Backbone ?? Classification?.Backbone ?? new ResNetSettings();
}
