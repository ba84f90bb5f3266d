using Dense.Models.Backbones;
using Dense.Models.Layers;
using Dense.Pretraining.Probes;

namespace Dense.Pretraining;

/// <summary>Options of <see cref="Classification"/>; the defaults are those of the ImageNet baseline (P-48,
/// P-49).</summary>
public sealed record ClassificationSettings
{
    /// <summary>The network; it gives the maps that <see cref="Head"/> reads.</summary>
    public ResNetSettings Backbone { get; init; } = new()
    {
        OutIndices = [4],
        Norm = new NormSettings { Kind = NormKind.SyncBatch },
    };

    /// <summary>Whether its last map is classified or all five, by a classifier each.</summary>
    public HeadKind Head { get; init; } = HeadKind.Linear;

    /// <summary>Number of classes.</summary>
    public int NumClasses { get; init; } = 1000;

    /// <summary>Channels of the last feature map; 512 for 18 and 34 layers. Of one classifier only.</summary>
    public int InChannels { get; init; } = 2048;

    /// <summary>Whether the mean over positions comes first; without it the positions are flattened into
    /// channels. Of one classifier only.</summary>
    public bool WithAveragePool { get; init; } = true;

    private static IEnumerable<int> Levels => Enumerable.Range(0, MultiLevelHead.Poolings.Count);

    /// <summary>Everything that is wrong with these settings.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (string problem in Backbone.Problems())
            yield return problem;
        if (!Backbone.OutIndices.Contains(Backbone.NumStages))
            yield return $"backbone.out_indices must contain the last stage, {Backbone.NumStages}.";
        if (Head == HeadKind.MultiLevel && !Backbone.OutIndices.Order().SequenceEqual(Levels))
            yield return $"backbone.out_indices must be {string.Join(", ", Levels)} for classifiers on all levels.";
        if (NumClasses < 1)
            yield return $"head.num_classes is {NumClasses}; it must be positive.";
        if (Head == HeadKind.Linear && WithAveragePool && !Backbone.Problems().Any()
            && InChannels != Backbone.FeatureChannels)
        {
            yield return $"head.in_channels is {InChannels} but the backbone of {Backbone.Depth} layers gives "
                + $"{Backbone.FeatureChannels} channels.";
        }
    }
}
