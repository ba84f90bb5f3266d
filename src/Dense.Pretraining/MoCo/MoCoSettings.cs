namespace Dense.Pretraining;

/// <summary>Options of <see cref="MoCo"/>; the defaults are MoCo-v2's (P-43, P-163).</summary>
public sealed record MoCoSettings : ContrastiveSettings
{
    /// <summary>The projection.</summary>
    public MoCoNeckSettings Neck { get; init; } = new();

    /// <summary>The published MoCo-v1: a linear neck and temperature 0.07. (Its views and schedule differ as
    /// well.)</summary>
    public static MoCoSettings V1 => new()
    {
        Neck = new MoCoNeckSettings { Kind = MoCoNeckKind.Linear },
        Temperature = 0.07,
    };

    /// <inheritdoc/>
    public override IEnumerable<string> Problems(long? batchPerRank = null, int worldSize = 1)
    {
        foreach (string problem in base.Problems(batchPerRank, worldSize))
            yield return problem;
        if (Neck.HiddenChannels < 1)
            yield return $"neck.hid_channels is {Neck.HiddenChannels}; it must be positive.";
        if (Neck.Layers < 1)
            yield return $"neck.num_layers is {Neck.Layers}; it must be positive.";
        if (Neck.OutChannels != FeatureDim)
            yield return $"neck.out_channels is {Neck.OutChannels} but feat_dim is {FeatureDim}; they must be equal.";
        if (Neck.WithAveragePool && !Backbone.Problems().Any() && Neck.InChannels != Backbone.FeatureChannels)
        {
            yield return $"neck.in_channels is {Neck.InChannels} but the backbone of {Backbone.Depth} layers gives "
                + $"{Backbone.FeatureChannels} channels.";
        }
    }
}
