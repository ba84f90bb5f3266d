using Dense.Training.Data.Loading;
using Dense.Training.Data.Sampling;

namespace Dense.Training.Settings;

/// <summary>The training images: where they are, and how they are ordered, batched and read.</summary>
public sealed record DataSettings
{
    /// <summary>Where they are; labelled exactly when the method is supervised.</summary>
    public DataSourceSettings Source { get; init; } = new();

    /// <summary>Images per process and iteration (N); <c>imgs_per_gpu</c> of the reference.</summary>
    public int BatchSizePerProcess { get; init; } = 32;

    /// <summary>Whether an incomplete last batch is left out (P-103); contrastive methods need it.</summary>
    public bool DropLast { get; init; } = true;

    /// <summary>
    /// The order of an epoch: by seed and epoch, or as in the reference by the epoch alone (P-100, P-203).
    /// </summary>
    public SampleOrder Order { get; init; } = SampleOrder.Shuffled;

    /// <summary>Whether an image may occur several times in an epoch (P-104).</summary>
    public bool WithReplacement { get; init; }

    /// <summary>
    /// Worker threads and damaged images. The length of the run and page-locked memory are for the loop to fill in.
    /// </summary>
    public LoaderSettings Loader { get; init; } = new();
}
