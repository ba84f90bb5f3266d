namespace Dense.Detection.Settings;

/// <summary>MODEL.SOLOV2; the defaults are the reference's (M-142).</summary>
public sealed record SoloV2Settings
{
    /// <summary>Departures from the reference; none by default, and no key of MODEL.SOLOV2.</summary>
    public SoloOptions Options { get; init; } = new();

    /// <summary>Foreground classes K (NUM_CLASSES).</summary>
    public int NumClasses { get; init; } = 80;

    /// <summary>Levels of the instance head (INSTANCE_IN_FEATURES).</summary>
    public IReadOnlyList<string> InstanceInFeatures { get; init; } = ["p2", "p3", "p4", "p5", "p6"];

    /// <summary>Smallest mask area at stride 4, per level (FPN_INSTANCE_STRIDES, M-109).</summary>
    public IReadOnlyList<int> Strides { get; init; } = [8, 8, 16, 32, 32];

    /// <summary>Smallest and largest √(box area), per level (FPN_SCALE_RANGES, M-90).</summary>
    public IReadOnlyList<(int Low, int High)> ScaleRanges { get; init; } =
        [(1, 96), (48, 192), (96, 384), (192, 768), (384, 2048)];

    /// <summary>Part of a box's size around its centre that is positive (SIGMA).</summary>
    public double Sigma { get; init; } = 0.2;

    /// <summary>Cells per side, per level (NUM_GRIDS).</summary>
    public IReadOnlyList<int> Grids { get; init; } = [40, 36, 24, 16, 12];

    /// <summary>INSTANCE_IN_CHANNELS.</summary>
    public int InstanceInChannels { get; init; } = 256;

    /// <summary>INSTANCE_CHANNELS.</summary>
    public int InstanceChannels { get; init; } = 512;

    /// <summary>NUM_INSTANCE_CONVS.</summary>
    public int InstanceConvolutions { get; init; } = 4;

    /// <summary>NUM_KERNELS.</summary>
    public int NumKernels { get; init; } = 256;

    /// <summary>Norm of the heads: Group or None (NORM).</summary>
    public DetectorNorm Norm { get; init; } = DetectorNorm.Group;

    /// <summary>Whether the kernel branch sees coordinates (USE_COORD_CONV).</summary>
    public bool UseCoordinates { get; init; } = true;

    /// <summary>PRIOR_PROB.</summary>
    public double PriorProbability { get; init; } = 0.01;

    /// <summary>Levels of the mask head (MASK_IN_FEATURES).</summary>
    public IReadOnlyList<string> MaskInFeatures { get; init; } = ["p2", "p3", "p4", "p5"];

    /// <summary>MASK_IN_CHANNELS.</summary>
    public int MaskInChannels { get; init; } = 256;

    /// <summary>MASK_CHANNELS.</summary>
    public int MaskChannels { get; init; } = 128;

    /// <summary>NUM_MASKS.</summary>
    public int NumMasks { get; init; } = 256;

    /// <summary>Smallest class probability of a candidate (SCORE_THR).</summary>
    public double ScoreThreshold { get; init; } = 0.1;

    /// <summary>Probability above which a pixel belongs to a mask (MASK_THR).</summary>
    public double MaskThreshold { get; init; } = 0.5;

    /// <summary>Smallest score after the decay (UPDATE_THR).</summary>
    public double UpdateThreshold { get; init; } = 0.05;

    /// <summary>Candidates that enter the suppression (NMS_PRE).</summary>
    public int CandidatesBeforeNms { get; init; } = 500;

    /// <summary>Detections per image (MAX_PER_IMG).</summary>
    public int DetectionsPerImage { get; init; } = 100;

    /// <summary>NMS_TYPE and NMS_KERNEL (M-112, M-113).</summary>
    public MaskNms Nms { get; init; } = MaskNms.Gaussian;

    /// <summary>Sharpness of the Gaussian decay (NMS_SIGMA).</summary>
    public double NmsSigma { get; init; } = 2;

    /// <summary>LOSS.FOCAL_ALPHA.</summary>
    public double FocalAlpha { get; init; } = 0.25;

    /// <summary>LOSS.FOCAL_GAMMA.</summary>
    public double FocalGamma { get; init; } = 2;

    /// <summary>LOSS.FOCAL_WEIGHT.</summary>
    public double FocalWeight { get; init; } = 1;

    /// <summary>LOSS.DICE_WEIGHT.</summary>
    public double DiceWeight { get; init; } = 3;
}
