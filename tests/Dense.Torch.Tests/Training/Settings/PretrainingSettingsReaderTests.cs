using Dense.Configuration;
using Dense.Imaging;
using Dense.Pretraining;
using Dense.Training.Data.Loading;
using Dense.Training.Data.Sampling;
using Dense.Training.Settings;

namespace Dense.Torch.Tests.Training.Settings;

public class PretrainingSettingsReaderTests
{
    private static PretrainingConfiguration Configuration(params string[] pairs) =>
        PretrainingSettingsReader.Read(Overrides.Apply(ConfigurationSection.Empty, pairs));

    private static PretrainingSettings Read(params string[] pairs) => Configuration(pairs).Settings;

    private static ConfigurationException Refused(params string[] pairs) =>
        Assert.Throws<ConfigurationException>(() => Read(pairs));

    [Fact]
    public void Settings_AreThePublishedDenseClByDefault()
    {
        PretrainingSettings settings = Read();

        Assert.NotNull(settings.Model.DenseCl);
        Assert.Null(settings.Model.MoCo);
        Assert.Null(settings.Model.Classification);
        Assert.Equal([4], settings.Model.Backbone.OutIndices);
        Assert.Equal(ViewSettings.DenseCl, settings.View);
        Assert.Equal(EvaluationSettings.CenterCrop, settings.EvaluationView);
    }

    [Theory]
    [InlineData("DenseCL")]
    [InlineData("MoCoV1")]
    [InlineData("Supervised")]
    [InlineData("CIFAR10")]
    public void Preset_GivesItsViewSettings(string preset)
    {
        ViewSettings expected = preset switch
        {
            "MoCoV1" => ViewSettings.MoCoV1,
            "Supervised" => ViewSettings.Supervised,
            "CIFAR10" => ViewSettings.Cifar10,
            _ => ViewSettings.DenseCl,
        };

        Assert.Equal(expected, Read("AUGMENTATION.PRESET", preset).View);
    }

    [Fact]
    public void Keys_ReachTheSettingsTheyName()
    {
        PretrainingSettings settings = Read(
            "MODEL.METHOD", "MoCo", "MODEL.NECK.TYPE", "SimCLR", "MODEL.NECK.HIDDEN_CHANNELS", "64",
            "MODEL.FEAT_DIM", "32",
            "MODEL.BACKBONE.DEPTH", "18", "MODEL.BACKBONE.WIDTH", "16", "MODEL.BACKBONE.NUM_STAGES", "3",
            "MODEL.QUEUE_LEN", "1024", "MODEL.BATCH_NORM_GROUPS", "4", "DATA.ORDER", "reference",
            "DATA.ON_CORRUPT", "skip",
            "DATA.MAX_CORRUPT_SHARE", "0.5", "AUGMENTATION.CROP_SIZE", "96", "AUGMENTATION.JITTER_PROB", "0.0",
            "AUGMENTATION.BLUR_SIGMA", "(1, 2)", "SOLVER.GRAD_CLIP", "5", "SOLVER.WARMUP", "exp",
            "SOLVER.WARMUP_ITERS", "7",
            "SOLVER.PARAMWISE", "[['bias$', 'weight_decay', 0]]", "DEVICE", "cuda:1", "PRECISION", "bfloat16");

        MoCoSettings moco = settings.Model.MoCo!;
        Assert.Equal(MoCoNeckKind.SimClr, moco.Neck.Kind);
        Assert.Equal(
            (64, 64, 32, 32), (moco.Neck.InChannels, moco.Neck.HiddenChannels, moco.Neck.OutChannels, moco.FeatureDim));
        Assert.Equal((18, 16, 3, 1024L, 4),
            (moco.Backbone.Depth, moco.Backbone.BaseWidth, moco.Backbone.NumStages, moco.QueueLength,
                moco.BatchNormGroups));
        Assert.Equal([3], moco.Backbone.OutIndices);
        Assert.Equal(SampleOrder.ReferenceShuffled, settings.Data.Order);
        Assert.Equal((DamagedImagePolicy.Skip, 0.5),
            (settings.Data.Loader.DamagedImages, settings.Data.Loader.MaximumDamagedShare));
        Assert.Equal(
            ViewSettings.DenseCl with { CropSize = 96, Jitter = null, BlurSigma = new Interval(1, 2) }, settings.View);
        Assert.Equal(5.0, settings.Solver.GradientClip);
        Assert.Equal(7, settings.Solver.Schedule.Warmup.Length);
        Assert.Equal(
            new ParameterRule("bias$", ParameterOption.WeightDecay, 0), Assert.Single(settings.Solver.ParameterRules));
        Assert.Equal(("cuda:1", TrainingPrecision.BFloat16), (settings.Device, settings.Precision));
    }

    [Theory]
    [InlineData("MODEL.BACKBONE.DEPTH", "19", "18, 34, 50, 101, 152")]
    [InlineData("MODEL.BACKBONE.FROZEN_STAGES", "5", "between -1 and 4")]
    [InlineData("MODEL.NECK.TYPE", "MLP", "projects densely")]
    [InlineData("MODEL.METHOD", "MoCo", "MLP (v2)")]
    [InlineData("MODEL.METHOD", "densecl", "Did you mean DenseCL?")]
    [InlineData("MODEL.TEMPERATURE", "0", "more than 0")]
    [InlineData("MODEL.LOSS_LAMBDA", "1.5", "between 0 and 1")]
    [InlineData("MODEL.BATCH_NORM_GROUPS", "5", "divisor")]
    [InlineData("MODEL.BATCH_NORM_GROUPS", "32", "2 images")]
    [InlineData("DATA.BATCH_SIZE_PER_PROCESS", "1", "2 images")]
    [InlineData("DATA.DROP_LAST", "False", "P-206")]
    [InlineData("DATA.SOURCE", "list", "list file")]
    [InlineData("DATA.LIST", "x.txt", "only SOURCE list")]
    [InlineData("SOLVER.UPDATE_INTERVAL", "2", "ALLOW_UPDATE_INTERVAL")]
    [InlineData("SOLVER.MIN_LR_RATIO", "0.1", "both")]
    [InlineData("SOLVER.MIN_LR", "None", "none")]
    [InlineData("SOLVER.MIN_LR", "1.0", "at most BASE_LR")]
    [InlineData("SOLVER.SCHEDULE", "step", "milestone")]
    [InlineData("SOLVER.STEPS", "[5, 5]", "rising")]
    [InlineData("SOLVER.WARMUP", "linear", "length")]
    [InlineData("SOLVER.PARAMWISE", "[['a', 'norm_decay_mult', 0.0]]", "P-212")]
    [InlineData("SOLVER.PARAMWISE", "[['(', 'lr_mult', 1.0]]", "regular expression")]
    [InlineData("SOLVER.PARAMWISE", "[['a', 'lr_mult', -1.0]]", "0 or more")]
    [InlineData("SOLVER.PARAMWISE", "['a']", "such as")]
    [InlineData("AUGMENTATION.JITTER", "[1, 2]", "4 numbers")]
    [InlineData("AUGMENTATION.JITTER", "[1, 1, 1, 1]", "hue")]
    [InlineData("AUGMENTATION.CROP_SCALE", "[1.0, 0.5]", "lower end")]
    [InlineData("EVALUATION.CROP_SIZE", "300", "EVALUATION.RESIZE")]
    [InlineData("VALIDATION.INTERVAL_EPOCHS", "5", "PROBE")]
    [InlineData("PROBE.INTERVAL_EPOCHS", "5", "labelled")]
    [InlineData("DEVICE", "gpu", "cuda:0")]
    [InlineData("OUTPUT_DIR", "", "folder")]
    [InlineData("OUTPUT_DIR", "2021", "'2021'")]
    [InlineData("SOLVER.LR", "0.1", "SOLVER.BASE_LR")]
    public void Value_IsRefusedWithAdvice(string key, string value, string advice) =>
        Assert.Contains(advice, Refused(key, value).Message);

    [Fact]
    public void Classification_NeedsLabels()
    {
        Assert.Contains("labels", Refused("MODEL.METHOD", "Classification", "DATA.SOURCE", "coco").Message);
        Assert.NotNull(Read("MODEL.METHOD", "Classification", "DATA.DROP_LAST", "False").Model.Classification);
    }

    [Fact]
    public void UpdateInterval_IsAcceptedWhenAskedForTwice() =>
        Assert.Equal(
            2, Read("SOLVER.UPDATE_INTERVAL", "2", "SOLVER.ALLOW_UPDATE_INTERVAL", "True").Solver.UpdateInterval);

    [Fact]
    public void Problems_AreReportedTogether() => Assert.Equal(
        ["MODEL.QUEUE_LEN", "SOLVER.MOMENTUM", "SOLVER.UPDATE_INTERVAL", "SEEED"],
        Refused("SEEED", "1", "MODEL.QUEUE_LEN", "0", "SOLVER.MOMENTUM", "1.5", "SOLVER.UPDATE_INTERVAL", "2")
            .Problems.Select(p => p.Key));

    [Theory]
    [InlineData(8, null)]
    [InlineData(7, "65632")]
    public void Queue_MustHoldWholeGlobalBatches(int worldSize, string? suggestion)
    {
        Exception? e = Record.Exception(() => PretrainingChecks.CheckRun(Configuration(), worldSize));

        Assert.Equal(suggestion is null, e is null);
        if (suggestion is not null)
            Assert.Contains(suggestion, Assert.IsType<ConfigurationException>(e).Message);
    }

    [Fact]
    public void ParameterRules_MustMatchSomething()
    {
        PretrainingConfiguration configuration =
            Configuration("SOLVER.PARAMWISE", "[['^head.', 'lr_mult', 10], ['nrom', 'lr', 0], ['bias', 'lr', 1]]");

        var e = Assert.Throws<ConfigurationException>(() =>
            PretrainingChecks.CheckParameterRules(configuration, ["backbone.conv1.bias", "head.fc_cls.weight"]));

        Assert.Contains("'nrom'", Assert.Single(e.Problems).Message);
        Assert.Same(Origin.CommandLine, e.Problems[0].Origin);
    }

    [Fact]
    public void ParameterRule_IsRefusedWhenItsExpressionRunsAway()
    {
        var rule = new ParameterRule("^(a+)+$", ParameterOption.Rate, 1);

        Assert.Throws<ConfigurationException>(() => rule.Matches(new string('a', 60) + "b"));
    }

    [Fact] // P-154.
    public void MultiLevelHead_ReadsAllLevels()
    {
        ClassificationSettings settings = Read(
            "MODEL.METHOD", "Classification", "MODEL.HEAD.TYPE", "MultiLevel").Model.Classification!;

        Assert.Equal(HeadKind.MultiLevel, settings.Head);
        Assert.Equal([0, 1, 2, 3, 4], settings.Backbone.OutIndices);
        Assert.Empty(settings.Problems());
    }

    [Theory] // P-154.
    [InlineData("AUGMENTATION.CROP_SIZE", "192")]
    [InlineData("EVALUATION.CROP_SIZE", "192")]
    [InlineData("MODEL.BACKBONE.NUM_STAGES", "3")]
    public void MultiLevelHead_IsRefusedWhereItsPoolingDoesNotFit(string key, string value)
    {
        var e = Assert.Throws<ConfigurationException>(() => Read(
            "MODEL.METHOD", "Classification", "MODEL.HEAD.TYPE", "MultiLevel", "VALIDATION.ROOT", "val",
            "VALIDATION.INTERVAL_EPOCHS", "1", key, value));

        Assert.Equal(key, Assert.Single(e.Problems).Key);
        Assert.Contains("MultiLevel", e.Message);
    }

    [Theory]
    [InlineData(256, 0.03)]
    [InlineData(32, 0.00375)]
    public void Rate_IsScaledToTheGlobalBatchWhenAsked(int globalBatch, double expected)
    {
        Assert.Equal(0.03, Read().Solver.RateFor(globalBatch));
        Assert.Equal(expected, Read("SOLVER.AUTO_SCALE_LR", "True").Solver.RateFor(globalBatch), 1e-15);
    }
}
