namespace Dense.Pretraining;

/// <summary>Options of <see cref="DenseCl"/> (P-6); the defaults are those of every published configuration.</summary>
public sealed record DenseClSettings : ContrastiveSettings
{
    /// <summary>The projection.</summary>
    public DenseClNeckSettings Neck { get; init; } = new();

    /// <summary>Weight λ of the dense loss, in [0, 1]; the global one has 1 − λ.</summary>
    public double LossLambda { get; init; } = 0.5;

    /// <summary>
    /// λ is 0 in this many first iterations (P-35). 0 is the published setting; the author recommends 10000 where
    /// training does not start well (P-36).
    /// </summary>
    public long WarmupIterations { get; init; }

    /// <summary>λ of an iteration, 0-based.</summary>
    public double LambdaAt(long iteration) => iteration < WarmupIterations ? 0 : LossLambda;

    /// <inheritdoc/>
    public override IEnumerable<string> Problems(long? batchPerRank = null, int worldSize = 1)
    {
        foreach (string problem in base.Problems(batchPerRank, worldSize))
            yield return problem;
        if (LossLambda is not (>= 0 and <= 1))
            yield return $"loss_lambda is {LossLambda}; choose a number from 0 to 1.";
        if (WarmupIterations < 0)
            yield return $"start_iters is {WarmupIterations}; it cannot be negative.";
        if (Neck.HiddenChannels < 1)
            yield return $"neck.hid_channels is {Neck.HiddenChannels}; it must be positive.";
        if (Neck.NumGrid < 1)
            yield return $"neck.num_grid is {Neck.NumGrid}; it must be positive, or absent.";
        if (Neck.OutChannels != FeatureDim)
            yield return $"neck.out_channels is {Neck.OutChannels} but feat_dim is {FeatureDim}; they must be equal.";
        if (!Backbone.Problems().Any() && Neck.InChannels != Backbone.FeatureChannels)
        {
            yield return $"neck.in_channels is {Neck.InChannels} but the backbone of {Backbone.Depth} layers gives "
                + $"{Backbone.FeatureChannels} channels.";
        }
    }
}
