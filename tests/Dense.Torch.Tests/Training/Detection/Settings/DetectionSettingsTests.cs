using Dense.Configuration;
using Dense.Configuration.Detection;
using Dense.Detection;
using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Loop;
using Dense.Training.Detection.Settings;

namespace Dense.Torch.Tests.Training.Detection.Settings;

/// <summary>
/// From keys to settings, and everything that is refused or warned about on the way (E-15, M-144, M-145).
/// </summary>
public class DetectionSettingsTests
{
    private static readonly string Fcos = RepositoryRoot.Combine("configs", "DenseCL", "FCOS_R50_1x_DenseCL.yaml");
    private static readonly string Solo = RepositoryRoot.Combine("configs", "DenseCL", "SOLOv2_R50_1x_DenseCL.yaml");

    [Fact]
    public void Fcos_OfDenseClHasTheValuesOfTheSpecification()
    {
        DetectionConfiguration configuration = DetectionConfiguration.Load(Fcos, []);

        DetectionRunSettings settings = configuration.Settings;
        Assert.Empty(configuration.Warnings);
        Assert.Equal(DetectorKind.Fcos, settings.Detector.Kind);
        Assert.Equal(DetectorNorm.SyncBatch, settings.Detector.Backbone.Norm);
        Assert.Equal(DetectorNorm.SyncBatch, settings.Detector.Pyramid.Norm);
        Assert.Equal((0, false), (settings.Detector.Backbone.FreezeAt, settings.Detector.Backbone.StrideInOneByOne));
        Assert.Equal(["res3", "res4", "res5"], settings.Detector.Pyramid.InFeatures);
        Assert.Equal([58.395, 57.12, 57.375], settings.Detector.PixelStd);
        Assert.Equivalent(new FcosSettings(), settings.Detector.Fcos, strict: true);
        Assert.Equal((ChannelOrder.Rgb, false), (settings.Data.ChannelOrder, settings.Data.MaskOn));
        Assert.Equal([640, 672, 704, 736, 768, 800], settings.Data.MinSizeTrain);
        Assert.Equal(["coco_2017_train"], settings.TrainSets);
        Assert.Equal(["coco_2017_val"], settings.TestSets);
        Assert.Equal((0.01, 90000, 0.001),
            (settings.Solver.BaseRate, settings.Solver.MaxIterations, settings.Solver.WarmupFactor));
        Assert.Equal([60000, 80000], settings.Solver.Steps);
        Assert.Equal((true, 200),
            (settings.Test.PreciseBatchNorm, settings.Test.PreciseBatchNormIterations));
        Assert.Equal((0, null), (settings.Test.EvaluationPeriod, settings.Seed));
    }

    [Fact]
    public void SoloV2_OfDenseClHasTheValuesOfTheSpecification()
    {
        DetectionConfiguration configuration = DetectionConfiguration.Load(Solo, []);

        DetectionRunSettings settings = configuration.Settings;
        Assert.Empty(configuration.Warnings);
        Assert.Equal(DetectorKind.SoloV2, settings.Detector.Kind);
        Assert.Equivalent(new SoloV2Settings(), settings.Detector.SoloV2, strict: true);
        Assert.Equal((MaskFormat.Bitmask, true), (settings.Data.MaskFormat, settings.Data.MaskOn));
        Assert.Equal(0.01, settings.Solver.WarmupFactor);
    }

    [Fact]
    public void Defaults_OfTheRecordsAreThoseOfTheKeys()
    {
        DetectionRunSettings settings = Load(
            "MODEL.FPN.IN_FEATURES", "['res3','res4','res5']", "MODEL.RESNETS.OUT_FEATURES", "['res3','res4','res5']",
            "MODEL.BACKBONE.NAME", "build_fcos_resnet_fpn_backbone", "MODEL.META_ARCHITECTURE", "OneStageDetector",
            "MODEL.PROPOSAL_GENERATOR.NAME", "FCOS").Settings;

        Assert.Equivalent(new DetectionSolverSettings(), settings.Solver, strict: true);
        Assert.Equivalent(new DetectionTestSettings(), settings.Test, strict: true);
        Assert.Equivalent(new DetectionDataSettings(), settings.Data, strict: true);
        Assert.Equivalent(new BackboneSettings { OutFeatures = ["res3", "res4", "res5"] }, settings.Detector.Backbone,
            strict: true);
        Assert.Equivalent(new CompatibilitySettings(), settings.Detector.Compatibility, strict: true);
        Assert.Equal((new DetectionRunSettings().OutputDirectory, "cuda", (string?)null),
            (settings.OutputDirectory, settings.Device, settings.Weights));
    }

    public static TheoryData<string> Shipped() => [.. new[] { "DenseCL", "FCOS-Detection", "SOLOv2" }
        .Select(folder => RepositoryRoot.Combine("configs", folder))
        .SelectMany(folder => Directory.GetFiles(folder, "*.yaml", SearchOption.AllDirectories))
        .Where(path => !Path.GetFileName(path).StartsWith("Base-", StringComparison.Ordinal))
        .Select(path => Path.GetRelativePath(RepositoryRoot.Path, path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Shipped_FilesLoadWithoutWarningAndSurviveTheirDump(string name)
    {
        DetectionConfiguration configuration = DetectionConfiguration.Load(RepositoryRoot.Combine(name), []);
        using var folder = new TempFolder();
        string dump = folder[DetectionConfiguration.FileName];
        File.WriteAllText(dump, configuration.ToYaml());

        DetectionConfiguration again = DetectionConfiguration.Load(dump, []);

        Assert.Empty(configuration.Warnings);
        Assert.Empty(again.Warnings);
        Assert.Equivalent(configuration.Settings, again.Settings, strict: true);
    }

    // Section 14: iterations, steps, depth, norm, frozen stages, box quality.
    [Theory]
    [InlineData("FCOS-Detection/R_50_1x.yaml", "90000 60000,80000 50 FrozenBatch 2 Centerness 800")]
    [InlineData("FCOS-Detection/MS_R_50_2x.yaml", "180000 120000,160000 50 FrozenBatch 2 Centerness 640")]
    [InlineData("FCOS-Detection/MS_R_101_2x_iou.yaml", "180000 120000,160000 101 FrozenBatch 2 Iou 640")]
    [InlineData("FCOS-Detection/MS_X_101_32x8d_2x.yaml", "180000 120000,160000 101 FrozenBatch 2 Centerness 640")]
    [InlineData("FCOS-Detection/FCOS_RT/MS_R_50_4x_syncbn.yaml",
        "360000 300000,340000 50 SyncBatch 2 Centerness 256")]
    [InlineData("SOLOv2/R50_3x.yaml", "270000 210000,250000 50 FrozenBatch 2 Centerness 640")]
    [InlineData("SOLOv2/R101_3x.yaml", "270000 210000,250000 101 FrozenBatch 2 Centerness 640")]
    public void Shipped_FilesSayWhatTheSpecificationSays(string name, string expected)
    {
        DetectionRunSettings run = DetectionConfiguration.Load(RepositoryRoot.Combine("configs", name), []).Settings;

        BackboneSettings backbone = run.Detector.Backbone;
        Assert.Equal(expected, $"{run.Solver.MaxIterations} {string.Join(',', run.Solver.Steps)} {backbone.Depth} "
            + $"{backbone.Norm} {backbone.FreezeAt} {run.Detector.Fcos.Quality} {run.Data.MinSizeTrain[0]}");
    }

    // M-129: a BatchNorm per level in the head.
    [Fact]
    public void RealTimeFcosWithNormsInTheHead_HasThePublishedNumberOfParameters()
    {
        DetectorSettings settings = DetectionConfiguration.Load(
            RepositoryRoot.Combine("configs", "FCOS-Detection", "FCOS_RT", "MS_R_50_4x_syncbn_bn_head.yaml"), [])
            .Settings.Detector;
        using Detector detector = DetectorFactory.Create(settings, SingleProcess.Instance);

        IReadOnlyList<DetectorEntry> entries = DetectorState.Entries(detector);

        Assert.Equal(31_122_456, entries.Where(e => e.IsParameter).Sum(e => e.Tensor.numel()));
        Assert.Equal(30_900_056, entries.Where(e => e.Trainable).Sum(e => e.Tensor.numel()));
        Assert.Equal(475, entries.Count);
    }

    [Theory]
    [InlineData("MODEL.META_ARCHITECTURE", "CondInst", "expected OneStageDetector | SOLOv2, found CondInst.")]
    [InlineData("MODEL.PROPOSAL_GENERATOR.NAME", "RPN", "expected FCOS, found RPN.")]
    [InlineData("MODEL.BACKBONE.NAME", "build_fcos_dla_fpn_backbone", "expected build_fcos_resnet_fpn_backbone")]
    [InlineData("TEST.AUG.ENABLED", "True", "not supported: test-time augmentation")]
    [InlineData("MODEL.FCOS.USE_DEFORMABLE", "True", "not supported: deformable")]
    [InlineData("MODEL.RESNETS.DEFORM_ON_PER_STAGE", "[False, False, True, True]", "not supported")]
    [InlineData("MODEL.BACKBONE.ANTI_ALIAS", "True", "not supported")]
    [InlineData("MODEL.MOBILENET", "True", "not supported")]
    [InlineData("MODEL.FCOS.YIELD_PROPOSAL", "True", "not supported")]
    [InlineData("MODEL.KEYPOINT_ON", "True", "not supported")]
    [InlineData("MODEL.FCPOSE_ON", "True", "not supported")]
    [InlineData("MODEL.BOXINST.ENABLED", "True", "not supported")]
    [InlineData("MODEL.BASIS_MODULE.LOSS_ON", "True", "not supported")]
    [InlineData("MODEL.RESNETS.NORM", "LN", "expected '' | BN | SyncBN")]
    [InlineData("MODEL.RESNETS.DEPTH", "51", "MODEL.RESNETS.DEPTH is 51; choose 18, 34")]
    [InlineData("MODEL.RESNETS.DEPTH", "18", "needs RES2_OUT_CHANNELS 64")]
    [InlineData("MODEL.FCOS.FPN_STRIDES", "[8, 16]", "5 levels need 5 FPN_STRIDES and 4 SIZES_OF_INTEREST")]
    [InlineData("MODEL.FCOS.TOP_LEVELS", "1", "expected levels of the pyramid, which has [p3, p4, p5, p6]")]
    [InlineData("MODEL.FPN.IN_FEATURES", "['res3', 'res5']", "name neighbouring stages")]
    [InlineData("MODEL.RESNETS.OUT_FEATURES", "['res5']", "but MODEL.RESNETS.OUT_FEATURES lacks res3")]
    [InlineData("MODEL.PIXEL_MEAN", "[1.0]", "expected three numbers")]
    [InlineData("MODEL.DEVICE", "gpu", "expected cpu, cuda or cuda:N, found 'gpu'.")]
    [InlineData("INPUT.FORMAT", "L", "expected BGR | RGB, found L.")]
    [InlineData("SOLVER.STEPS", "(90000,)", "is the end of training")]
    [InlineData("SOLVER.STEPS", "(5, 5)", "expected ascending")]
    [InlineData("SOLVER.MAX_ITER", "None", "expected int, found null None.")]
    [InlineData("SOLVER.LR_SCHEDULER_NAME", "WarmupPoly", "expected WarmupMultiStepLR")]
    [InlineData("SOLVER.IMS_PER_BATCH", "0", "expected 1 or more, found 0.")]
    [InlineData("TEST.EXPECTED_RESULTS", "[['bbox', 1]]", "expected a list of [task, metric, value, tolerance]")]
    [InlineData("DATASETS.TRAIN", "(1,)", "expected a list of strings")]
    public void Fcos_RefusesWhatItCannotDo(string key, string value, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => DetectionConfiguration.Load(Fcos, [key, value]));

        Problem problem = Assert.Single(error.Problems);
        Assert.Contains(expected, problem.Message);
    }

    [Theory]
    [InlineData("MODEL.SOLOV2.NUM_GRIDS", "[40]", "expected 5 elements")]
    [InlineData("MODEL.SOLOV2.INSTANCE_IN_FEATURES", "['p2', 'p3']", "expected 5 elements")]
    [InlineData("MODEL.SOLOV2.FPN_INSTANCE_STRIDES", "[8, 16]", "expected 5 elements")]
    [InlineData("MODEL.SOLOV2.FPN_SCALE_RANGES", "((1, 96),)", "expected 5 elements")]
    [InlineData("MODEL.SOLOV2.MASK_IN_FEATURES", "['p2']", "expected 4 elements")]
    [InlineData("MODEL.SOLOV2.INSTANCE_IN_CHANNELS", "128", "expected 256, the same as MODEL.FPN.OUT_CHANNELS")]
    [InlineData("MODEL.SOLOV2.NUM_KERNELS", "128", "expected 256, the same as MODEL.SOLOV2.NUM_MASKS")]
    [InlineData("MODEL.SOLOV2.MASK_IN_CHANNELS", "128", "expected 256, the same as MODEL.FPN.OUT_CHANNELS")]
    [InlineData("MODEL.SOLOV2.NORM", "SyncBN", "expected GN | none, found SyncBN.")]
    [InlineData("MODEL.SOLOV2.FPN_SCALE_RANGES", "((1, 2), (3,), (1, 2), (1, 2), (1, 2))", "expected pairs")]
    public void SoloV2_RefusesWhatItCannotDo(string key, string value, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => DetectionConfiguration.Load(Solo, [key, value]));

        Assert.Contains(error.Problems, problem => problem.Key == key && problem.Message.Contains(expected));
    }

    [Theory]
    [InlineData("TEST.DETECTIONS_PER_IMAGE", "50", "set MODEL.FCOS.POST_NMS_TOPK_TEST")]
    [InlineData("INPUT.RANDOM_FLIP", "none", "INPUT.HFLIP_TRAIN decides")]
    [InlineData("MODEL.FCOS.USE_RELU", "False", "has no effect")]
    [InlineData("MODEL.FCOS.INFERENCE_TH_TRAIN", "0.1", "_TEST")]
    [InlineData("MODEL.FCOS.PRE_NMS_TOPK_TRAIN", "7", "_TEST")]
    [InlineData("MODEL.FCOS.POST_NMS_TOPK_TRAIN", "7", "_TEST")]
    [InlineData("MODEL.SOLOV2.NUM_GRIDS", "[1]", "has no effect on FCOS")]
    [InlineData("MODEL.ROI_HEADS.NUM_CLASSES", "3", "has no effect on FCOS")]
    [InlineData("INPUT.IS_ROTATE", "True", "has no effect")]
    [InlineData("VIS_PERIOD", "10", "has no effect")]
    [InlineData("SOLVER.STEPS", "(60000, 100000)", "100000 of (60000, 100000) are never reached")]
    public void Keys_WithoutEffectAreNamedInAWarning(string key, string value, string expected) =>
        AssertWarned(Fcos, key, value, expected);

    // KF-19.
    [Theory]
    [InlineData("MODEL.SOLOV2.USE_DCN_IN_INSTANCE", "True", "its head has no deformable convolution")]
    [InlineData("MODEL.SOLOV2.TYPE_DCN", "DCNv2", "its head has no deformable convolution")]
    [InlineData("MODEL.SOLOV2.LOSS.FOCAL_USE_SIGMOID", "False", "always uses the sigmoid")]
    [InlineData("TEST.DETECTIONS_PER_IMAGE", "50", "set MODEL.SOLOV2.MAX_PER_IMG")]
    public void KeysOfSoloV2_WithoutEffectAreNamedInAWarning(string key, string value, string expected) =>
        AssertWarned(Solo, key, value, expected);

    // M-26, M-43: in a head of FCOS, SyncBN is the naive one.
    [Theory]
    [InlineData("MODEL.RESNETS.NORM", "nnSyncBN", DetectorNorm.SyncBatch)]
    [InlineData("MODEL.RESNETS.NORM", "naiveSyncBN", DetectorNorm.NaiveSyncBatch)]
    [InlineData("MODEL.RESNETS.NORM", "GN", DetectorNorm.Group)]
    [InlineData("MODEL.FPN.NORM", "nnSyncBN", DetectorNorm.SyncBatch)]
    [InlineData("MODEL.FCOS.NORM", "NaiveGN", DetectorNorm.Group)]
    [InlineData("MODEL.FCOS.NORM", "BN", DetectorNorm.Batch)]
    [InlineData("MODEL.FCOS.NORM", "SyncBN", DetectorNorm.NaiveSyncBatch)]
    [InlineData("MODEL.FCOS.NORM", "none", DetectorNorm.None)]
    public void Norms_HaveTheNamesOfTheReference(string key, string name, DetectorNorm expected)
    {
        DetectorSettings detector = DetectionConfiguration.Load(Fcos, [key, name]).Settings.Detector;

        Assert.Equal(expected, key switch
        {
            "MODEL.RESNETS.NORM" => detector.Backbone.Norm,
            "MODEL.FPN.NORM" => detector.Pyramid.Norm,
            _ => detector.Fcos.Norm,
        });
    }

    [Fact]
    public void Placeholder_IsRefusedWithTheKeyToSet()
    {
        var error = Assert.Throws<ConfigurationException>(
            () => DetectionChecks.RequireWeights(DetectionConfiguration.Load(Fcos, [])));

        Assert.Contains("MODEL.WEIGHTS FILE", error.Message);
        DetectionChecks.RequireWeights(DetectionConfiguration.Load(Fcos, ["MODEL.WEIGHTS", "my.pth"]));
    }

    [Fact]
    public void Classes_MustBeThoseOfTheDataset()
    {
        DetectionConfiguration configuration = DetectionConfiguration.Load(Solo, []);

        var error = Assert.Throws<ConfigurationException>(
            () => DetectionChecks.CheckClasses(configuration, "balloons", 1));

        Assert.Contains("Set MODEL.SOLOV2.NUM_CLASSES to 1.", error.Message);
        DetectionChecks.CheckClasses(configuration, "coco_2017_train", 80);
    }

    [Fact]
    public void Steps_MayBeginWithTheFirstIteration() => Assert.Equal(
        [0, 5], DetectionConfiguration.Load(Fcos, ["SOLVER.STEPS", "(0, 5)"]).Settings.Solver.Steps);

    private static void AssertWarned(string file, string key, string value, string expected)
    {
        Problem warning = Assert.Single(DetectionConfiguration.Load(file, [key, value]).Warnings);

        Assert.Equal((key, Origin.CommandLine), (warning.Key, warning.Origin));
        Assert.Contains(expected, warning.Message);
    }

    private static DetectionConfiguration Load(params string[] pairs) =>
        DetectionSettingsReader.Read(
            MergedConfiguration.Merge(ConfigurationFile.Parse("VERSION: 2\n", "f.yaml"), pairs));
}
