using Dense.Configuration.Reading;
using Dense.Models.Backbones;
using Dense.Models.Layers;
using Dense.Pretraining;

namespace Dense.Training.Settings;

/// <summary>Reads the section <c>MODEL</c>. All keys are read whatever the method, so that each is checked.</summary>
internal static class ModelSettingsReader
{
    private static readonly int[] Depths = [18, 34, 50, 101, 152];

    // NECK.TYPE of DenseCL, which has one neck only.
    private static MoCoNeckKind? DenseNeck => null;

    public static ModelSettings Read(ConfigurationReader reader)
    {
        MethodKind method = reader.Choice("METHOD", MethodKind.DenseCl,
            ("DenseCL", MethodKind.DenseCl), ("MoCo", MethodKind.MoCo), ("Classification", MethodKind.Classification));
        string? pretrained = reader.OptionalText("PRETRAINED");
        ResNetSettings backbone = ReadBackbone(reader.Section("BACKBONE"));
        DenseClSettings denseCl = ReadDenseCl(reader, backbone);
        denseCl = denseCl with { Neck = ReadNeck(reader.Section("NECK"), method, denseCl, out MoCoNeckKind mocoNeck) };
        ClassificationSettings classification = ReadClassification(reader.Section("HEAD"), backbone);
        return new ModelSettings
        {
            Method = method,
            Pretrained = pretrained,
            DenseCl = method == MethodKind.DenseCl ? denseCl : null,
            MoCo = method == MethodKind.MoCo ? ToMoCo(denseCl, mocoNeck) : null,
            Classification = method == MethodKind.Classification ? classification : null,
        };
    }

    private static ResNetSettings ReadBackbone(ConfigurationReader reader)
    {
        var published = new ResNetSettings();
        int depth = reader.Int("DEPTH", published.Depth, Bounds.None);
        if (!Depths.Contains(depth))
        {
            reader.Fail("DEPTH", $"expected one of {string.Join(", ", Depths)}, found {depth}.");
            depth = published.Depth;
        }

        var settings = new ResNetSettings
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
        if (settings.FrozenStages > settings.NumStages)
        {
            reader.Fail("FROZEN_STAGES",
                $"expected at most NUM_STAGES, which is {settings.NumStages}, found {settings.FrozenStages}.");
        }

        if (settings.Norm.Kind == NormKind.Group && settings.BaseWidth % settings.Norm.Groups != 0)
        {
            reader.Fail("NORM_GROUPS",
                $"expected a divisor of WIDTH, which is {settings.BaseWidth}, found {settings.Norm.Groups}.");
        }

        return settings with { OutIndices = [settings.NumStages] };
    }

    private static DenseClSettings ReadDenseCl(ConfigurationReader reader, ResNetSettings backbone)
    {
        var published = new DenseClSettings();
        return new DenseClSettings
        {
            Backbone = backbone,
            QueueLength = reader.Int("QUEUE_LEN", (int)published.QueueLength, Bounds.AtLeast(1)),
            FeatureDim = reader.Int("FEAT_DIM", published.FeatureDim, Bounds.AtLeast(1)),
            KeyMomentum = reader.Float("MOMENTUM", published.KeyMomentum, Bounds.Between(0, 1)),
            Temperature = reader.Float("TEMPERATURE", published.Temperature, Bounds.Positive),
            LossLambda = reader.Float("LOSS_LAMBDA", published.LossLambda, Bounds.Between(0, 1)),
            WarmupIterations = reader.Int("LAMBDA_WARMUP_ITERS", (int)published.WarmupIterations, Bounds.NotNegative),
            BatchNormGroups = reader.Int("BATCH_NORM_GROUPS", published.BatchNormGroups, Bounds.AtLeast(1)),
        };
    }

    private static DenseClNeckSettings ReadNeck(
        ConfigurationReader reader, MethodKind method, DenseClSettings settings, out MoCoNeckKind mocoNeck)
    {
        var published = new DenseClNeckSettings();
        MoCoNeckKind? kind = reader.Choice("TYPE", DenseNeck,
            ("Dense", DenseNeck), ("Linear", MoCoNeckKind.Linear), ("MLP", MoCoNeckKind.NonLinearV1),
            ("SimCLR", MoCoNeckKind.SimClr));
        if (method == MethodKind.DenseCl && kind is not null)
            reader.Fail("TYPE", "METHOD DenseCL projects densely: expected Dense.");
        if (method == MethodKind.MoCo && kind is null)
            reader.Fail("TYPE", "METHOD MoCo has no dense projection: expected Linear (v1), MLP (v2) or SimCLR.");

        mocoNeck = kind ?? MoCoNeckKind.NonLinearV1;
        int channels = settings.Backbone.FeatureChannels;
        return new DenseClNeckSettings
        {
            InChannels = channels,
            HiddenChannels = reader.OptionalInt("HIDDEN_CHANNELS", null, Bounds.AtLeast(1)) ?? channels,
            OutChannels = settings.FeatureDim,
            NumGrid = reader.OptionalInt("NUM_GRID", published.NumGrid, Bounds.Between(1, 1024)),
            HeInitialisedGrid = reader.Choice("DENSE_INIT", published.HeInitialisedGrid,
                ("reference", false), ("he", true)),
        };
    }

    private static MoCoSettings ToMoCo(DenseClSettings read, MoCoNeckKind neck) => new()
    {
        Backbone = read.Backbone,
        QueueLength = read.QueueLength,
        FeatureDim = read.FeatureDim,
        KeyMomentum = read.KeyMomentum,
        Temperature = read.Temperature,
        BatchNormGroups = read.BatchNormGroups,
        Neck = new MoCoNeckSettings
        {
            Kind = neck,
            InChannels = read.Neck.InChannels,
            HiddenChannels = read.Neck.HiddenChannels,
            OutChannels = read.Neck.OutChannels,
        },
    };

    private static ClassificationSettings ReadClassification(ConfigurationReader reader, ResNetSettings backbone)
    {
        var published = new ClassificationSettings();
        HeadKind head = reader.Choice("TYPE", published.Head,
            ("Linear", HeadKind.Linear), ("MultiLevel", HeadKind.MultiLevel));
        return new ClassificationSettings
        {
            Backbone = head == HeadKind.MultiLevel
                ? backbone with { OutIndices = [.. Enumerable.Range(0, backbone.NumStages + 1)] }
                : backbone,
            Head = head,
            InChannels = backbone.FeatureChannels,
            NumClasses = reader.Int("NUM_CLASSES", published.NumClasses, Bounds.AtLeast(1)),
        };
    }
}
