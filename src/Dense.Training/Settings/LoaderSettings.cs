namespace Dense.Training.Settings;

/// <summary>Sampling, batches and decoding of the training images.</summary>
public sealed record LoaderSettings
{
    /// <summary>Images per process and iteration (N); <c>imgs_per_gpu</c> of the reference.</summary>
    public int BatchSizePerProcess { get; init; } = 32;

    /// <summary>Threads that decode and augment.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>Whether an incomplete last batch is left out (P-103); contrastive methods always do.</summary>
    public bool DropLast { get; init; } = true;

    /// <summary>Whether the order of images depends on the epoch only, not on the seed, as in the reference (P-100, P-203).</summary>
    public bool ReferenceOrder { get; init; }

    /// <summary>What to do with damaged images.</summary>
    public CorruptImagePolicy OnCorrupt { get; init; } = CorruptImagePolicy.Fail;

    /// <summary>The share of damaged images above which <see cref="CorruptImagePolicy.Skip"/> stops the run, 0…1.</summary>
    public double MaximumCorruptShare { get; init; } = 0.001;
}
