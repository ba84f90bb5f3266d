using Dense.Configuration.Detection;
using Dense.Configuration.Literals;
using Dense.Configuration.Reading;
using Dense.Detection.Settings;

namespace Dense.Training.Detection.Settings;

/// <summary>Reads MODEL and COMPAT: what the network is built from (M-141 to M-143).</summary>
internal static class DetectorSettingsReader
{
    // M-26. LN and naiveSyncBN_N are names of the reference that no layer stands for here.
    private static readonly (string Name, DetectorNorm Value)[] Norms =
    [
        ("", DetectorNorm.None), ("BN", DetectorNorm.Batch), ("SyncBN", DetectorNorm.SyncBatch),
        ("nnSyncBN", DetectorNorm.SyncBatch), ("naiveSyncBN", DetectorNorm.NaiveSyncBatch),
        ("FrozenBN", DetectorNorm.FrozenBatch), ("GN", DetectorNorm.Group),
    ];

    public static DetectorSettings Read(MergedReader reader)
    {
        DetectorKind kind = reader.Choice("MODEL.META_ARCHITECTURE",
            ("OneStageDetector", DetectorKind.Fcos), ("SOLOv2", DetectorKind.SoloV2));
        bool isFcos = kind == DetectorKind.Fcos;
        if (isFcos)
            reader.Choice("MODEL.PROPOSAL_GENERATOR.NAME", ("FCOS", true));

        string backbone = isFcos ? "build_fcos_resnet_fpn_backbone" : "build_resnet_fpn_backbone";
        reader.Choice("MODEL.BACKBONE.NAME", (backbone, true));
        return new DetectorSettings
        {
            Kind = kind,
            Backbone = ReadBackbone(reader),
            Pyramid = ReadPyramid(reader),
            Fcos = isFcos ? ReadFcos(reader) : new FcosSettings(),
            SoloV2 = isFcos ? new SoloV2Settings() : ReadSoloV2(reader),
            Compatibility = ReadCompatibility(reader),
            PixelMean = reader.Floats("MODEL.PIXEL_MEAN", Bounds.None),
            PixelStd = reader.Floats("MODEL.PIXEL_STD", Bounds.Positive),
        };
    }

    private static BackboneSettings ReadBackbone(MergedReader reader) => new()
    {
        Depth = reader.Int("MODEL.RESNETS.DEPTH", Bounds.None),
        FreezeAt = reader.Int("MODEL.BACKBONE.FREEZE_AT", Bounds.None),
        Norm = reader.Choice("MODEL.RESNETS.NORM", Norms),
        StrideInOneByOne = reader.Bool("MODEL.RESNETS.STRIDE_IN_1X1"),
        OutFeatures = reader.Texts("MODEL.RESNETS.OUT_FEATURES"),
        NumGroups = reader.Int("MODEL.RESNETS.NUM_GROUPS", Bounds.AtLeast(1)),
        WidthPerGroup = reader.Int("MODEL.RESNETS.WIDTH_PER_GROUP", Bounds.AtLeast(1)),
        Res2OutChannels = reader.Int("MODEL.RESNETS.RES2_OUT_CHANNELS", Bounds.AtLeast(1)),
        StemOutChannels = reader.Int("MODEL.RESNETS.STEM_OUT_CHANNELS", Bounds.AtLeast(1)),
        Res5Dilation = reader.Int("MODEL.RESNETS.RES5_DILATION", Bounds.Between(1, 2)),
    };

    private static PyramidSettings ReadPyramid(MergedReader reader) => new()
    {
        InFeatures = reader.Texts("MODEL.FPN.IN_FEATURES"),
        OutChannels = reader.Int("MODEL.FPN.OUT_CHANNELS", Bounds.AtLeast(1)),
        Norm = reader.Choice("MODEL.FPN.NORM", Norms),
        Averages = reader.Choice("MODEL.FPN.FUSE_TYPE", ("sum", false), ("avg", true)),
    };

    private static FcosSettings ReadFcos(MergedReader reader) => new()
    {
        NumClasses = reader.Int("MODEL.FCOS.NUM_CLASSES", Bounds.AtLeast(1)),
        InFeatures = reader.Texts("MODEL.FCOS.IN_FEATURES"),
        Strides = reader.Ints("MODEL.FCOS.FPN_STRIDES", Bounds.AtLeast(1)),
        TopLevels = reader.Int("MODEL.FCOS.TOP_LEVELS", Bounds.Between(0, 2)),
        SizesOfInterest = reader.Ints("MODEL.FCOS.SIZES_OF_INTEREST", Bounds.AtLeast(1)),
        PriorProbability = reader.Float("MODEL.FCOS.PRIOR_PROB", Bounds.Below(0, 1)),
        ScoreThreshold = reader.Float("MODEL.FCOS.INFERENCE_TH_TEST", Bounds.None),
        ThresholdWithQuality = reader.Bool("MODEL.FCOS.THRESH_WITH_CTR"),
        NmsThreshold = reader.Float("MODEL.FCOS.NMS_TH", Bounds.None),
        CandidatesPerLevel = reader.Int("MODEL.FCOS.PRE_NMS_TOPK_TEST", Bounds.AtLeast(1)),
        DetectionsPerImage = reader.Int("MODEL.FCOS.POST_NMS_TOPK_TEST", Bounds.AtLeast(1)),

        // M-43: the head's "SyncBN" weights every process equally.
        Norm = reader.Choice("MODEL.FCOS.NORM",
            ("GN", DetectorNorm.Group), ("NaiveGN", DetectorNorm.Group), ("none", DetectorNorm.None),
            ("BN", DetectorNorm.Batch), ("SyncBN", DetectorNorm.NaiveSyncBatch)),
        UseScale = reader.Bool("MODEL.FCOS.USE_SCALE"),
        ClassConvolutions = reader.Int("MODEL.FCOS.NUM_CLS_CONVS", Bounds.NotNegative),
        BoxConvolutions = reader.Int("MODEL.FCOS.NUM_BOX_CONVS", Bounds.NotNegative),
        SharedConvolutions = reader.Int("MODEL.FCOS.NUM_SHARE_CONVS", Bounds.NotNegative),
        CenterSampling = reader.Bool("MODEL.FCOS.CENTER_SAMPLE"),
        PositiveRadius = reader.Float("MODEL.FCOS.POS_RADIUS", Bounds.NotNegative),
        BoxLoss = reader.Choice("MODEL.FCOS.LOC_LOSS_TYPE",
            ("giou", BoxLoss.Giou), ("iou", BoxLoss.Iou), ("linear_iou", BoxLoss.LinearIou)),
        Quality = reader.Choice("MODEL.FCOS.BOX_QUALITY", ("ctrness", BoxQuality.Centerness), ("iou", BoxQuality.Iou)),
        FocalAlpha = reader.Float("MODEL.FCOS.LOSS_ALPHA", Bounds.None),
        FocalGamma = reader.Float("MODEL.FCOS.LOSS_GAMMA", Bounds.NotNegative),
        ClassNormalizer = reader.Choice("MODEL.FCOS.LOSS_NORMALIZER_CLS",
            ("fg", ClassNormalizer.Foreground), ("moving_fg", ClassNormalizer.MovingForeground),
            ("all", ClassNormalizer.All)),
        ClassLossWeight = reader.Float("MODEL.FCOS.LOSS_WEIGHT_CLS", Bounds.NotNegative),
    };

    private static SoloV2Settings ReadSoloV2(MergedReader reader) => new()
    {
        NumClasses = reader.Int("MODEL.SOLOV2.NUM_CLASSES", Bounds.AtLeast(1)),
        InstanceInFeatures = reader.Texts("MODEL.SOLOV2.INSTANCE_IN_FEATURES"),
        Strides = reader.Ints("MODEL.SOLOV2.FPN_INSTANCE_STRIDES", Bounds.AtLeast(1)),
        ScaleRanges = ReadRanges(reader),
        Sigma = reader.Float("MODEL.SOLOV2.SIGMA", Bounds.Positive),
        Grids = reader.Ints("MODEL.SOLOV2.NUM_GRIDS", Bounds.AtLeast(1)),
        InstanceInChannels = reader.Int("MODEL.SOLOV2.INSTANCE_IN_CHANNELS", Bounds.AtLeast(1)),
        InstanceChannels = reader.Int("MODEL.SOLOV2.INSTANCE_CHANNELS", Bounds.AtLeast(1)),
        InstanceConvolutions = reader.Int("MODEL.SOLOV2.NUM_INSTANCE_CONVS", Bounds.AtLeast(1)),
        NumKernels = reader.Int("MODEL.SOLOV2.NUM_KERNELS", Bounds.AtLeast(1)),
        Norm = reader.Choice("MODEL.SOLOV2.NORM", ("GN", DetectorNorm.Group), ("none", DetectorNorm.None)),
        UseCoordinates = reader.Bool("MODEL.SOLOV2.USE_COORD_CONV"),
        PriorProbability = reader.Float("MODEL.SOLOV2.PRIOR_PROB", Bounds.Below(0, 1)),
        MaskInFeatures = reader.Texts("MODEL.SOLOV2.MASK_IN_FEATURES"),
        MaskInChannels = reader.Int("MODEL.SOLOV2.MASK_IN_CHANNELS", Bounds.AtLeast(1)),
        MaskChannels = reader.Int("MODEL.SOLOV2.MASK_CHANNELS", Bounds.AtLeast(1)),
        NumMasks = reader.Int("MODEL.SOLOV2.NUM_MASKS", Bounds.AtLeast(1)),
        ScoreThreshold = reader.Float("MODEL.SOLOV2.SCORE_THR", Bounds.None),
        MaskThreshold = reader.Float("MODEL.SOLOV2.MASK_THR", Bounds.Between(0, 1)),
        UpdateThreshold = reader.Float("MODEL.SOLOV2.UPDATE_THR", Bounds.None),
        CandidatesBeforeNms = reader.Int("MODEL.SOLOV2.NMS_PRE", Bounds.AtLeast(1)),
        DetectionsPerImage = reader.Int("MODEL.SOLOV2.MAX_PER_IMG", Bounds.AtLeast(1)),
        Nms = ReadMaskNms(reader),
        NmsSigma = reader.Float("MODEL.SOLOV2.NMS_SIGMA", Bounds.Positive),
        FocalAlpha = reader.Float("MODEL.SOLOV2.LOSS.FOCAL_ALPHA", Bounds.None),
        FocalGamma = reader.Float("MODEL.SOLOV2.LOSS.FOCAL_GAMMA", Bounds.NotNegative),
        FocalWeight = reader.Float("MODEL.SOLOV2.LOSS.FOCAL_WEIGHT", Bounds.NotNegative),
        DiceWeight = reader.Float("MODEL.SOLOV2.LOSS.DICE_WEIGHT", Bounds.NotNegative),
    };

    private static MaskNms ReadMaskNms(MergedReader reader)
    {
        bool isGreedy = reader.Choice("MODEL.SOLOV2.NMS_TYPE", ("matrix", false), ("mask", true));
        MaskNms kernel = reader.Choice("MODEL.SOLOV2.NMS_KERNEL",
            ("gaussian", MaskNms.Gaussian), ("linear", MaskNms.Linear));
        return isGreedy ? MaskNms.Greedy : kernel;
    }

    private static List<(int Low, int High)> ReadRanges(MergedReader reader)
    {
        const string Key = "MODEL.SOLOV2.FPN_SCALE_RANGES";
        Sequence list = reader.List(Key);
        var ranges = new List<(int Low, int High)>();
        foreach (object? item in list.Items)
        {
            // A file gives lists inside where the default has tuples (E-13).
            if (item is Sequence { Items: [long low and >= 0, long high and <= int.MaxValue] } && low <= high)
                ranges.Add(((int)low, (int)high));
            else
                reader.Fail(Key, $"expected pairs (smallest size, largest size), found {PythonLiteral.Format(item)}.");
        }

        return ranges;
    }

    private static CompatibilitySettings ReadCompatibility(MergedReader reader) => new()
    {
        ReferenceUpsampling = reader.Bool("COMPAT.REFERENCE_UPSAMPLING"),
        ShiftedClassNms = reader.Bool("COMPAT.SHIFTED_CLASS_NMS"),
        LocalPreciseBatchNormCounts = reader.Bool("COMPAT.LOCAL_PRECISE_BN_COUNTS"),
        UnweightedPreciseBatchNorm = reader.Bool("COMPAT.UNWEIGHTED_PRECISE_BN"),
        ZeroSoloV2Boxes = reader.Bool("COMPAT.ZERO_SOLOV2_BOXES"),
    };
}
