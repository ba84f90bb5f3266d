namespace Dense.Training.Detection.Data;

/// <summary>The order of the training images (DATALOADER.SAMPLER_TRAIN).</summary>
public enum TrainingSamplerKind
{
    /// <summary><c>TrainingSampler</c>: one permutation of all images after another (E-99).</summary>
    Permutations,

    /// <summary><c>RepeatFactorTrainingSampler</c>: images of rare classes come more often (E-101).</summary>
    RepeatFactor,
}
