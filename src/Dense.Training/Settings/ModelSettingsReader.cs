using Dense.Configuration.Reading;
using Dense.Models.Backbones;
using Dense.Models.Layers;

namespace Dense.Training.Settings;

/// <summary>Reads the section <c>MODEL</c>.</summary>
internal static class ModelSettingsReader
{
    private static readonly int[] Depths = [18, 34, 50, 101, 152];

    public static ModelSettings Read(ConfigurationReader reader) => new()
    {
        Method = reader.Choice("METHOD", new ModelSettings().Method,
            ("DenseCL", MethodKind.DenseCl), ("MoCo", MethodKind.MoCo),
            ("Classification", MethodKind.Classification)),
        Pretrained = reader.OptionalText("PRETRAINED"),
        Backbone = ReadBackbone(reader.Section("BACKBONE")),
        Neck = ReadNeck(reader.Section("NECK")),
        Contrast = ReadContrast(reader),
        Head = ReadHead(reader.Section("HEAD")),
    };

    private static ResNetSettings ReadBackbone(ConfigurationReader reader)
    {
        var published = new ResNetSettings();
        int depth = reader.Int("DEPTH", published.Depth, Bounds.None);
        if (!Depths.Contains(depth))
            reader.Fail("DEPTH", $"expected one of {string.Join(", ", Depths)}, found {depth}.");

        return new ResNetSettings
        {
            Depth = depth,
            BaseWidth = reader.Int("WIDTH", published.BaseWidth, Bounds.Between(1, 1024)),
            NumStages = reader.Int("NUM_STAGES", published.NumStages, Bounds.Between(1, 4)),
            Style = reader.Choice("STYLE", published.Style,
                ("pytorch", ConvolutionStyle.Pytorch), ("caffe", ConvolutionStyle.Caffe)),
            Norm = new NormSettings
            {
                Kind = reader.Choice("NORM", published.Norm.Kind,
                    ("BN", NormKind.Batch), ("SyncBN", NormKind.SyncBatch), ("GN", NormKind.Group)),
                Groups = reader.Int("NORM_GROUPS", published.Norm.Groups, Bounds.AtLeast(1)),
            },
            NormEval = reader.Bool("NORM_EVAL", published.NormEval),
            FrozenStages = reader.Int("FROZEN_STAGES", published.FrozenStages, Bounds.Between(-1, 4)),
            ZeroInitResidual = reader.Bool("ZERO_INIT_RESIDUAL", published.ZeroInitResidual),
            WithCheckpointing = reader.Bool("CHECKPOINTING", published.WithCheckpointing),
        };
    }

    private static NeckSettings ReadNeck(ConfigurationReader reader)
    {
        var published = new NeckSettings();
        return new NeckSettings
        {
            Kind = reader.Choice("TYPE", published.Kind,
                ("Dense", NeckKind.Dense), ("Linear", NeckKind.Linear), ("MLP", NeckKind.Mlp),
                ("SimCLR", NeckKind.SimClr)),
            HiddenChannels = reader.OptionalInt("HIDDEN_CHANNELS", published.HiddenChannels, Bounds.AtLeast(1)),
            GridSide = reader.OptionalInt("NUM_GRID", published.GridSide, Bounds.Between(1, 1024)),
            HeInitDense = reader.Choice("DENSE_INIT", published.HeInitDense, ("reference", false), ("he", true)),
        };
    }

    private static ContrastSettings ReadContrast(ConfigurationReader reader)
    {
        var published = new ContrastSettings();
        return new ContrastSettings
        {
            QueueLength = reader.Int("QUEUE_LEN", published.QueueLength, Bounds.AtLeast(1)),
            FeatureDimension = reader.Int("FEAT_DIM", published.FeatureDimension, Bounds.AtLeast(1)),
            Momentum = reader.Float("MOMENTUM", published.Momentum, Bounds.Between(0, 1)),
            Temperature = reader.Float("TEMPERATURE", published.Temperature, Bounds.Positive),
            Lambda = reader.Float("LOSS_LAMBDA", published.Lambda, Bounds.Between(0, 1)),
            LambdaWarmupIterations =
                reader.Int("LAMBDA_WARMUP_ITERS", published.LambdaWarmupIterations, Bounds.NotNegative),
            BatchNormGroups = reader.Int("BATCH_NORM_GROUPS", published.BatchNormGroups, Bounds.AtLeast(1)),
        };
    }

    private static HeadSettings ReadHead(ConfigurationReader reader)
    {
        var published = new HeadSettings();
        return new HeadSettings
        {
            Kind = reader.Choice("TYPE", published.Kind,
                ("Linear", HeadKind.Linear), ("MultiLevel", HeadKind.MultiLevel)),
            ClassCount = reader.Int("NUM_CLASSES", published.ClassCount, Bounds.AtLeast(1)),
        };
    }
}
