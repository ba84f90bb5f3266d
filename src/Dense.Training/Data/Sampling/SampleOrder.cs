namespace Dense.Training.Data.Sampling;

/// <summary>The order in which an epoch visits the images.</summary>
public enum SampleOrder
{
    /// <summary>A new permutation in each epoch, determined by seed and epoch.</summary>
    Shuffled,

    /// <summary>
    /// The permutation of the reference implementation, determined by the epoch alone (P-100): the same for every seed.
    /// For comparisons with it.
    /// </summary>
    ReferenceShuffled,

    /// <summary>As in the source. For evaluation.</summary>
    Sequential,
}
