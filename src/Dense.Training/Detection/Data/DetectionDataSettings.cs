using Dense.Training.Data.Loading;

namespace Dense.Training.Detection.Data;

/// <summary>
/// How images become batches for a detector (INPUT, DATALOADER and parts of MODEL and SOLVER); the defaults are the
/// reference's.
/// </summary>
public sealed record DetectionDataSettings
{
    /// <summary>Lengths of the short side in training (INPUT.MIN_SIZE_TRAIN); 0 leaves an image as it is.</summary>
    public IReadOnlyList<int> MinSizeTrain { get; init; } = [800];

    /// <summary>INPUT.MIN_SIZE_TRAIN_SAMPLING.</summary>
    public SizeSampling Sampling { get; init; } = SizeSampling.Choice;

    /// <summary>Largest long side in training (INPUT.MAX_SIZE_TRAIN).</summary>
    public int MaxSizeTrain { get; init; } = 1333;

    /// <summary>Length of the short side in evaluation (INPUT.MIN_SIZE_TEST); 0 leaves an image as it is.</summary>
    public int MinSizeTest { get; init; } = 800;

    /// <summary>Largest long side in evaluation (INPUT.MAX_SIZE_TEST).</summary>
    public int MaxSizeTest { get; init; } = 1333;

    /// <summary>INPUT.FORMAT.</summary>
    public ChannelOrder ChannelOrder { get; init; } = ChannelOrder.Bgr;

    /// <summary>INPUT.MASK_FORMAT.</summary>
    public MaskFormat MaskFormat { get; init; } = MaskFormat.Polygon;

    /// <summary>Whether every second training image is mirrored (INPUT.HFLIP_TRAIN).</summary>
    public bool Flip { get; init; } = true;

    /// <summary>INPUT.CROP.</summary>
    public CropSettings Crop { get; init; } = new();

    /// <summary>Whether masks are trained (MODEL.MASK_ON, and always for SOLOv2).</summary>
    public bool MaskOn { get; init; }

    /// <summary>Loader threads; 0 works in the thread that asks (DATALOADER.NUM_WORKERS, E-104).</summary>
    public int NumWorkers { get; init; } = 4;

    /// <summary>
    /// Whether the images of a batch are all wide or all high (DATALOADER.ASPECT_RATIO_GROUPING, E-103).
    /// </summary>
    public bool AspectRatioGrouping { get; init; } = true;

    /// <summary>
    /// Groups of equally many images of similar shape; the images of a batch are of one group, so that less of it is
    /// padding (<c>--size-buckets</c>, KF-35). 1 makes no difference.
    /// </summary>
    public int SizeBuckets { get; init; } = 1;

    /// <summary>DATALOADER.SAMPLER_TRAIN.</summary>
    public TrainingSamplerKind Sampler { get; init; } = TrainingSamplerKind.Permutations;

    /// <summary>Share of images below which a class is rare, t of E-101 (DATALOADER.REPEAT_THRESHOLD).</summary>
    public double RepeatThreshold { get; init; }

    /// <summary>Whether the repeat factor is a square root (DATALOADER.REPEAT_SQRT).</summary>
    public bool RepeatSqrt { get; init; } = true;

    /// <summary>
    /// Whether training leaves out images without objects (DATALOADER.FILTER_EMPTY_ANNOTATIONS, E-97).
    /// </summary>
    public bool FilterEmpty { get; init; } = true;

    /// <summary>
    /// Seed of the order and of all draws, at least 0 and the same on all ranks: SEED, or what rank 0 drew for a
    /// negative SEED (E-100).
    /// </summary>
    public long Seed { get; init; }

    /// <summary>Training images per batch and process: SOLVER.IMS_PER_BATCH through the number of processes.</summary>
    public int BatchSizePerProcess { get; init; } = 16;

    /// <summary>This process, 0 … <see cref="WorldSize"/> − 1.</summary>
    public int Rank { get; init; }

    /// <summary>Number of processes.</summary>
    public int WorldSize { get; init; } = 1;

    /// <summary>
    /// Whether images are turned upright by their EXIF tag (E-106); off for <c>--exif ignore</c> (E-197).
    /// </summary>
    public bool ApplyExifOrientation { get; init; } = true;

    /// <summary>
    /// Whether an image whose width and height are exactly the annotated ones swapped is transposed instead of refused
    /// (<c>--transpose-swapped</c>, E-197).
    /// </summary>
    public bool TransposeSwapped { get; init; }

    /// <summary>What happens when a training image cannot be used (E-120, R10). Evaluation always stops.</summary>
    public DamagedImagePolicy DamagedImages { get; init; } = DamagedImagePolicy.Fail;

    /// <summary>
    /// Share of the images that may be damaged before the run stops under <see cref="DamagedImagePolicy.Skip"/>; one
    /// image is always allowed.
    /// </summary>
    public double MaximumDamagedShare { get; init; } = 0.001;
}
