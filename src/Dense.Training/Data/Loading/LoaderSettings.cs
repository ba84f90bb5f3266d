namespace Dense.Training.Data.Loading;

/// <summary>How batches are made. Nothing here changes what is in them, except the policy for damaged images.</summary>
public sealed record LoaderSettings
{
    /// <summary>Number of worker threads.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>
    /// Batches that are made ahead of the consumer. Memory is held for one more: at 224×224 a contrastive batch of 256
    /// images takes 308 MB.
    /// </summary>
    public int ReadAheadBatches { get; init; } = 2;

    /// <summary>
    /// Epochs of the whole training, resumed runs included: after them the loader has no more batches.
    /// </summary>
    public int Epochs { get; init; } = int.MaxValue;

    /// <summary>What to do about damaged images.</summary>
    public DamagedImagePolicy DamagedImages { get; init; } = DamagedImagePolicy.Fail;

    /// <summary>
    /// Share of the source's images that may be damaged before the run stops under
    /// <see cref="DamagedImagePolicy.Skip"/>. One image is always allowed, so that small data sets can skip at all.
    /// </summary>
    public double MaximumDamagedShare { get; init; } = 0.001;

    /// <summary>
    /// Whether batches lie in page-locked memory, from which a GPU copies while the CPU goes on. Needs CUDA.
    /// </summary>
    public bool PinMemory { get; init; }
}
