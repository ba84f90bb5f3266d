using Dense.Models.Backbones;

namespace Dense.Pretraining;

/// <summary>What MoCo and DenseCL have in common; the defaults are the published ones (P-6, P-33, P-162).</summary>
public abstract record ContrastiveSettings
{
    /// <summary>The network to pre-train; only its last feature map is used.</summary>
    public ResNetSettings Backbone { get; init; } = new() { OutIndices = [4] };

    /// <summary>Length K of each queue.</summary>
    public long QueueLength { get; init; } = 65536;

    /// <summary>Length C of the embeddings.</summary>
    public int FeatureDim { get; init; } = 128;

    /// <summary>Weight m of the old value in the key encoder's moving average, in [0, 1].</summary>
    public double KeyMomentum { get; init; } = 0.999;

    /// <summary>Temperature τ; 0.2 for DenseCL and MoCo-v2, 0.07 for MoCo-v1.</summary>
    public double Temperature { get; init; } = 0.2;

    /// <summary>
    /// G: the batch of a rank is normalised in training as G groups with statistics of their own, and key images are
    /// shuffled across them (P-200). 1 is one group. Contrastive training on a single device needs more: with one
    /// group, query and key of an image share their normalising neighbours, and the network can cheat. G = 8 with 256
    /// images imitates the published 8×32. Changes the result, as the number of devices does; costs one reordering of
    /// the activations with channels-last memory, nothing without.
    /// </summary>
    public int BatchNormGroups { get; init; } = 1;

    /// <summary>Everything that is wrong with these settings.</summary>
    /// <param name="batchPerRank">N, if known.</param>
    /// <param name="worldSize">Number of ranks.</param>
    public virtual IEnumerable<string> Problems(long? batchPerRank = null, int worldSize = 1)
    {
        foreach (string problem in Backbone.Problems())
            yield return problem;
        if (!Backbone.OutIndices.Contains(Backbone.NumStages))
            yield return $"backbone.out_indices must contain the last stage, {Backbone.NumStages}.";
        if (QueueLength < 1)
            yield return $"queue_len is {QueueLength}; it must be positive.";
        if (FeatureDim < 1)
            yield return $"feat_dim is {FeatureDim}; it must be positive.";
        if (KeyMomentum is not (>= 0 and <= 1))
            yield return $"momentum is {KeyMomentum}; choose a number from 0 to 1.";
        if (Temperature is not > 0 or double.PositiveInfinity)
            yield return $"temperature is {Temperature}; it must be positive.";
        if (BatchNormGroups < 1)
            yield return $"batch_norm_groups is {BatchNormGroups}; it must be positive.";

        if (batchPerRank is not long n)
            yield break;
        if (n < 1 || QueueLength % (n * worldSize) != 0)
        {
            yield return $"queue_len {QueueLength} is not a multiple of the global batch {n} × {worldSize} = "
                + $"{n * worldSize}; change one of them.";
        }

        if (BatchNormGroups >= 1 && n % BatchNormGroups != 0)
            yield return $"batch_norm_groups {BatchNormGroups} does not divide the batch of {n} images per rank.";
    }

    /// <summary>Throws when the settings cannot be built.</summary>
    internal void Require()
    {
        string[] problems = [.. Problems()];
        if (problems.Length > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, problems));
    }
}
