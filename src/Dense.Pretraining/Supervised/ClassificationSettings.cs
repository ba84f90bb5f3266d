using Dense.Models.Backbones;
using Dense.Models.Layers;

namespace Dense.Pretraining;

/// <summary>Options of <see cref="Classification"/>; the defaults are those of the ImageNet baseline (P-48,
/// P-49).</summary>
public sealed record ClassificationSettings
{
    /// <summary>The network; only its last feature map is used.</summary>
    public ResNetSettings Backbone { get; init; } = new()
    {
        OutIndices = [4],
        Norm = new NormSettings { Kind = NormKind.SyncBatch },
    };

    /// <summary>Number of classes.</summary>
    public int NumClasses { get; init; } = 1000;

    /// <summary>Channels of the last feature map; 512 for 18 and 34 layers.</summary>
    public int InChannels { get; init; } = 2048;

    /// <summary>Whether the mean over positions comes first; without it the positions are flattened into
    /// channels.</summary>
    public bool WithAveragePool { get; init; } = true;

    /// <summary>Everything that is wrong with these settings.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (string problem in Backbone.Problems())
            yield return problem;
        if (!Backbone.OutIndices.Contains(Backbone.NumStages))
            yield return $"backbone.out_indices must contain the last stage, {Backbone.NumStages}.";
        if (NumClasses < 1)
            yield return $"head.num_classes is {NumClasses}; it must be positive.";
        if (WithAveragePool && !Backbone.Problems().Any() && InChannels != Backbone.FeatureChannels)
        {
            yield return $"head.in_channels is {InChannels} but the backbone of {Backbone.Depth} layers gives "
                + $"{Backbone.FeatureChannels} channels.";
        }
    }
}
