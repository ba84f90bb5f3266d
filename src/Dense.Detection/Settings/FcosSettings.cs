namespace Dense.Detection.Settings;

/// <summary>MODEL.FCOS; the defaults are the reference's (M-141).</summary>
public sealed record FcosSettings
{
    /// <summary>Foreground classes K (NUM_CLASSES).</summary>
    public int NumClasses { get; init; } = 80;

    /// <summary>Pyramid levels that the head sees (IN_FEATURES).</summary>
    public IReadOnlyList<string> InFeatures { get; init; } = ["p3", "p4", "p5", "p6", "p7"];

    /// <summary>Pixels between locations, per level (FPN_STRIDES).</summary>
    public IReadOnlyList<int> Strides { get; init; } = [8, 16, 32, 64, 128];

    /// <summary>Levels above p5 (TOP_LEVELS): 0, 1 or 2.</summary>
    public int TopLevels { get; init; } = 2;

    /// <summary>Upper limits of a box's largest distance, per level but the last (SIZES_OF_INTEREST, M-49).</summary>
    public IReadOnlyList<int> SizesOfInterest { get; init; } = [64, 128, 256, 512];

    /// <summary>Probability of an object at the start (PRIOR_PROB).</summary>
    public double PriorProbability { get; init; } = 0.01;

    /// <summary>Smallest class probability of a candidate (INFERENCE_TH_TEST).</summary>
    public double ScoreThreshold { get; init; } = 0.05;

    /// <summary>Whether the threshold is put to class probability × quality (THRESH_WITH_CTR).</summary>
    public bool ThresholdWithQuality { get; init; }

    /// <summary>IoU above which the lower score goes; ≤ 0 keeps all (NMS_TH).</summary>
    public double NmsThreshold { get; init; } = 0.6;

    /// <summary>Candidates per level and image (PRE_NMS_TOPK_TEST).</summary>
    public int CandidatesPerLevel { get; init; } = 1000;

    /// <summary>Detections per image (POST_NMS_TOPK_TEST).</summary>
    public int DetectionsPerImage { get; init; } = 100;

    /// <summary>
    /// Whether boxes are clipped to the image, and empty ones dropped, before they compete (KF-1). The reference does
    /// so at the end, where such boxes have already taken places among the detections of the image.
    /// </summary>
    public bool ClipsBeforeNms { get; init; }

    /// <summary>
    /// Norm of the towers (NORM): Group, None, Batch or NaiveSyncBatch ("SyncBN" means that here, M-43).
    /// </summary>
    public DetectorNorm Norm { get; init; } = DetectorNorm.Group;

    /// <summary>Whether each level scales its box regression (USE_SCALE).</summary>
    public bool UseScale { get; init; } = true;

    /// <summary>Convolutions of the class tower (NUM_CLS_CONVS).</summary>
    public int ClassConvolutions { get; init; } = 4;

    /// <summary>Convolutions of the box tower (NUM_BOX_CONVS).</summary>
    public int BoxConvolutions { get; init; } = 4;

    /// <summary>Convolutions before both towers (NUM_SHARE_CONVS).</summary>
    public int SharedConvolutions { get; init; }

    /// <summary>Whether only locations near a box's centre are positive (CENTER_SAMPLE).</summary>
    public bool CenterSampling { get; init; } = true;

    /// <summary>How near, in strides (POS_RADIUS).</summary>
    public double PositiveRadius { get; init; } = 1.5;

    /// <summary>LOC_LOSS_TYPE.</summary>
    public BoxLoss BoxLoss { get; init; } = BoxLoss.Giou;

    /// <summary>BOX_QUALITY.</summary>
    public BoxQuality Quality { get; init; } = BoxQuality.Centerness;

    /// <summary>Focal loss α (LOSS_ALPHA).</summary>
    public double FocalAlpha { get; init; } = 0.25;

    /// <summary>Focal loss γ (LOSS_GAMMA).</summary>
    public double FocalGamma { get; init; } = 2;

    /// <summary>What divides the class loss (LOSS_NORMALIZER_CLS, M-60).</summary>
    public ClassNormalizer ClassNormalizer { get; init; } = ClassNormalizer.Foreground;

    /// <summary>LOSS_WEIGHT_CLS.</summary>
    public double ClassLossWeight { get; init; } = 1;
}
