using System.Text.Json;
using Dense.Configuration;
using Dense.Configuration.Literals;
using Dense.Detection.Settings;

namespace Dense.Detection.Tests.Fcos;

/// <summary>Reads what an FCOS model is built from out of a golden <c>config.yaml</c>, by the names of section 13. The
/// product's reader lives above this layer.</summary>
internal static class GoldenSettings
{
    /// <summary>The settings of a file with options (key, value, key, value …) on top.</summary>
    public static DetectorSettings Read(string path, JsonElement? options = null)
    {
        ConfigurationSection file = ConfigurationFile.Load(path);
        JsonElement[] pairs = options is { } list ? [.. list.EnumerateArray()] : [];
        for (int i = 0; i < pairs.Length; i += 2)
            file = file.With(pairs[i].GetString()!, new ConfigurationLeaf(Value(pairs[i + 1]), Origin.Default));

        object? Leaf(string key) => ((ConfigurationLeaf)file.Find($"MODEL.{key}")!).Value;
        int Whole(string key) => Convert.ToInt32(Leaf(key));
        double Number(string key) => Convert.ToDouble(Leaf(key));
        bool Flag(string key) => (bool)Leaf(key)!;
        string Text(string key) => (string)Leaf(key)!;
        T[] List<T>(string key) =>
            [.. ((Sequence)Leaf(key)!).Items.Select(v => (T)Convert.ChangeType(v!, typeof(T)))];

        return new DetectorSettings
        {
            Kind = DetectorKind.Fcos,
            PixelMean = List<double>("PIXEL_MEAN"),
            PixelStd = List<double>("PIXEL_STD"),
            Backbone = new BackboneSettings
            {
                Depth = Whole("RESNETS.DEPTH"),
                FreezeAt = Whole("BACKBONE.FREEZE_AT"),
                Norm = Norm(Text("RESNETS.NORM")),
                StrideInOneByOne = Flag("RESNETS.STRIDE_IN_1X1"),
                OutFeatures = List<string>("RESNETS.OUT_FEATURES"),
                NumGroups = Whole("RESNETS.NUM_GROUPS"),
                WidthPerGroup = Whole("RESNETS.WIDTH_PER_GROUP"),
                Res2OutChannels = Whole("RESNETS.RES2_OUT_CHANNELS"),
                StemOutChannels = Whole("RESNETS.STEM_OUT_CHANNELS"),
                Res5Dilation = Whole("RESNETS.RES5_DILATION"),
            },
            Pyramid = new PyramidSettings
            {
                InFeatures = List<string>("FPN.IN_FEATURES"),
                OutChannels = Whole("FPN.OUT_CHANNELS"),
                Norm = Norm(Text("FPN.NORM")),
                Averages = Text("FPN.FUSE_TYPE") == "avg",
            },
            Fcos = new FcosSettings
            {
                NumClasses = Whole("FCOS.NUM_CLASSES"),
                InFeatures = List<string>("FCOS.IN_FEATURES"),
                Strides = List<int>("FCOS.FPN_STRIDES"),
                TopLevels = Whole("FCOS.TOP_LEVELS"),
                SizesOfInterest = List<int>("FCOS.SIZES_OF_INTEREST"),
                PriorProbability = Number("FCOS.PRIOR_PROB"),
                ScoreThreshold = Number("FCOS.INFERENCE_TH_TEST"),
                ThresholdWithQuality = Flag("FCOS.THRESH_WITH_CTR"),
                NmsThreshold = Number("FCOS.NMS_TH"),
                CandidatesPerLevel = Whole("FCOS.PRE_NMS_TOPK_TEST"),
                DetectionsPerImage = Whole("FCOS.POST_NMS_TOPK_TEST"),
                Norm = Norm(Text("FCOS.NORM")),
                UseScale = Flag("FCOS.USE_SCALE"),
                ClassConvolutions = Whole("FCOS.NUM_CLS_CONVS"),
                BoxConvolutions = Whole("FCOS.NUM_BOX_CONVS"),
                SharedConvolutions = Whole("FCOS.NUM_SHARE_CONVS"),
                CenterSampling = Flag("FCOS.CENTER_SAMPLE"),
                PositiveRadius = Number("FCOS.POS_RADIUS"),
                BoxLoss = Text("FCOS.LOC_LOSS_TYPE") switch
                {
                    "iou" => BoxLoss.Iou,
                    "linear_iou" => BoxLoss.LinearIou,
                    "giou" => BoxLoss.Giou,
                    string other => throw new InvalidDataException(other),
                },
                Quality = Text("FCOS.BOX_QUALITY") switch
                {
                    "ctrness" => BoxQuality.Centerness,
                    "iou" => BoxQuality.Iou,
                    string other => throw new InvalidDataException(other),
                },
                FocalAlpha = Number("FCOS.LOSS_ALPHA"),
                FocalGamma = Number("FCOS.LOSS_GAMMA"),
                ClassNormalizer = Text("FCOS.LOSS_NORMALIZER_CLS") switch
                {
                    "fg" => ClassNormalizer.Foreground,
                    "moving_fg" => ClassNormalizer.MovingForeground,
                    "all" => ClassNormalizer.All,
                    string other => throw new InvalidDataException(other),
                },
                ClassLossWeight = Number("FCOS.LOSS_WEIGHT_CLS"),
            },
        };
    }

    private static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.GetDouble(),
        _ => throw new InvalidDataException(element.GetRawText()),
    };

    private static DetectorNorm Norm(string name) => name switch
    {
        "" or "none" => DetectorNorm.None,
        "BN" => DetectorNorm.Batch,
        "SyncBN" => DetectorNorm.SyncBatch,
        "FrozenBN" => DetectorNorm.FrozenBatch,
        "GN" => DetectorNorm.Group,
        _ => throw new InvalidDataException(name),
    };
}
