using Dense.Configuration.Detection;
using Dense.Configuration.Literals;

namespace Dense.Configuration.Tests.Detection;

/// <summary>Files and pairs over the defaults of detectron2 and AdelaiDet (E-7 to E-15).</summary>
public class MergedConfigurationTests
{
    private const string Versioned = "VERSION: 2\n";

    [Fact]
    public void Defaults_HaveEveryKeyOfTheReference()
    {
        var leaves = DetectionDefaults.Tree.Leaves().Where(leaf => !leaf.Key.StartsWith("COMPAT.")).ToList();

        Assert.Equal(392, leaves.Count);
        Assert.Equal(new Sequence([30000L], IsTuple: true), Value(DetectionDefaults.Tree, "SOLVER.STEPS"));
        Assert.Equal(new Sequence([1.0, 1.0, 1.0]), Value(DetectionDefaults.Tree, "MODEL.PIXEL_STD"));
        Assert.Null(Value(DetectionDefaults.Tree, "SOLVER.WEIGHT_DECAY_BIAS"));
    }

    [Fact]
    public void Merge_ReportsAllProblemsAtOnceWithPlaceAndNearestKey()
    {
        var problems = Refused("""
            SOLVER: {BASE_LRR: 0.1, MAX_ITER: 1.5}
            MODELL: {MASK_ON: true}
            MODEL: {MASK_ON: 1, FCOS: 5}
            SOLVER.STEPS: [1]
            """, "DATASETS.TEST", "val", "model.WEIGHTS", "x", "--resume");

        Assert.Contains(
            "f.yaml:1: SOLVER.BASE_LRR: Non-existent config key: SOLVER.BASE_LRR. Did you mean SOLVER.BASE_LR?",
            problems);
        Assert.Contains("f.yaml:1: SOLVER.MAX_ITER: expected int such as 40000, found float 1.5.", problems);
        Assert.Contains("f.yaml:2: MODELL: Non-existent config key: MODELL. Did you mean MODEL?", problems);
        Assert.Contains("f.yaml:3: MODEL.MASK_ON: expected bool such as False, found int 1.", problems);
        Assert.Contains(
            "f.yaml:3: MODEL.FCOS: is a section, found int 5. Set keys below it: MODEL.FCOS.KEY.", problems);
        Assert.Contains(problems, text => text.StartsWith("f.yaml:4: SOLVER.STEPS") && text.Contains("indented"));
        Assert.Contains(problems, text => text.StartsWith("command line: DATASETS.TEST: ")
            && text.EndsWith("Write \"('val',)\" for one element."));
        Assert.Contains(
            "command line: model.WEIGHTS: Non-existent key: model.WEIGHTS. Did you mean MODEL.WEIGHTS?", problems);
        Assert.Contains(problems, text => text.Contains("expected KEY VALUE pairs"));
    }

    [Fact]
    public void Merge_TakesAnIntForAFloatAndSaysSo()
    {
        MergedConfiguration read = Read(Versioned + "SOLVER: {BASE_LR: 1}\n");

        Assert.Equal(1.0, Value(read.Tree, "SOLVER.BASE_LR"));
        Assert.Contains("write 1.0", Assert.Single(read.Warnings).Message);
    }

    [Fact]
    public void Merge_ConvertsTheOuterContainerOnly()
    {
        MergedConfiguration read = Read(Versioned + "MODEL: {SOLOV2: {FPN_SCALE_RANGES: [[1, 2], [3, 4]]}}\n",
            "MODEL.PIXEL_STD", "(1, 2, 3)");

        Assert.Equal("([1, 2], [3, 4])", PythonLiteral.Format(Value(read.Tree, "MODEL.SOLOV2.FPN_SCALE_RANGES")));
        Assert.Equal("[1, 2, 3]", PythonLiteral.Format(Value(read.Tree, "MODEL.PIXEL_STD")));
    }

    [Fact]
    public void Merge_TypesEachPairByTheValueBeforeIt()
    {
        MergedConfiguration read = Read(Versioned, "MODEL.WEIGHTS", "None", "MODEL.WEIGHTS", "5");

        Assert.Equal(5L, Value(read.Tree, "MODEL.WEIGHTS"));
        Assert.Contains("MODEL.WEIGHTS", Assert.Single(Refused(Versioned, "MODEL.WEIGHTS", "5")));
    }

    // E-12.
    [Fact]
    public void Pairs_OfAnOddCountAreRefusedWithAllWords() => Assert.Contains(
        "found 3 words: SEED 1 OUTPUT_DIR", Assert.Single(Refused(Versioned, "SEED", "1", "OUTPUT_DIR")));

    [Theory]
    [InlineData("A: {}", "Non-existent")]
    [InlineData("MODEL:", "is a section, found null None")]
    [InlineData("SEED: {}", "found a section")]
    [InlineData("VERSION: 3", "expected 0, 1 or 2")]
    [InlineData("VERSION: new", "expected int")]
    [InlineData("DATASETS: {TRAIN_REPEAT_FACTOR: []}", "Non-existent config key: DATASETS.TRAIN_REPEAT_FACTOR")]
    public void Merge_RefusesWhatTheReferenceRefuses(string file, string expected) =>
        Assert.Contains(expected, Assert.Single(Refused(file)));

    [Fact]
    public void Version_IsAssumedWithAWarningWhenTheFileHasNone()
    {
        Assert.Contains("version 2", Assert.Single(Read("SEED: 1\n").Warnings).Message);
        Assert.Contains("version 2", Assert.Single(Read("").Warnings).Message);
        Assert.Contains("version 1", Assert.Single(Read("TEST: {AUG_ON: true}\n").Warnings).Message);
    }

    [Fact]
    public void Version_OneGetsTheKeysOfToday()
    {
        MergedConfiguration read = Read("""
            MODEL:
              WEIGHT: w.pkl
              META_ARCHITECTURE: RetinaNet
              ROI_HEADS: {NMS: 0.25, SCORE_THRESH: 0.125}
              RETINANET: {INFERENCE_TOPK_CANDIDATES: 7, ANCHOR_SIZES: [[9]], ANCHOR_STRIDES: [8]}
              RPN: {ANCHOR_SIZES: [[1]], ANCHOR_ASPECT_RATIOS: [[1.0]]}
              PANOPTIC_FPN: {COMBINE_ON: false, INSTANCE_LOSS_SCALE: 0.75}
            TEST: {DETECTIONS_PER_IMG: 11, AUG_ON: true, AUG_MIN_SIZES: [5]}
            """);

        Assert.Equal("w.pkl", Value(read.Tree, "MODEL.WEIGHTS"));
        Assert.Equal(0.25, Value(read.Tree, "MODEL.ROI_HEADS.NMS_THRESH_TEST"));
        Assert.Equal(0.125, Value(read.Tree, "MODEL.ROI_HEADS.SCORE_THRESH_TEST"));
        Assert.Equal(7L, Value(read.Tree, "MODEL.RETINANET.TOPK_CANDIDATES_TEST"));
        Assert.Equal("[[9]]", PythonLiteral.Format(Value(read.Tree, "MODEL.ANCHOR_GENERATOR.SIZES")));
        Assert.True(read.IsDefault("MODEL.ANCHOR_GENERATOR.ASPECT_RATIOS"));
        Assert.Equal(false, Value(read.Tree, "MODEL.PANOPTIC_FPN.COMBINE.ENABLED"));
        Assert.Equal(0.75, Value(read.Tree, "MODEL.PANOPTIC_FPN.INSTANCE_LOSS_WEIGHT"));
        Assert.Equal(11L, Value(read.Tree, "TEST.DETECTIONS_PER_IMAGE"));
        Assert.Equal("(5,)", PythonLiteral.Format(Value(read.Tree, "TEST.AUG.MIN_SIZES")));
        Assert.Equal(2L, Value(read.Tree, "VERSION"));
    }

    [Fact]
    public void Version_ZeroIsUpgradedTwice()
    {
        MergedConfiguration read = Read("VERSION: 0\nMODEL: {RPN_HEAD: {NAME: Mine}, WEIGHT: w}\n");

        Assert.Equal("Mine", Value(read.Tree, "MODEL.RPN.HEAD_NAME"));
        Assert.Equal("w", Value(read.Tree, "MODEL.WEIGHTS"));
        Assert.Equal(2L, Value(read.Tree, "VERSION"));
    }

    [Theory]
    [InlineData("OUTPUT_DIR", "'2021'")]
    [InlineData("MODEL.WEIGHTS", "None")]
    [InlineData("SOLVER.CLIP_GRADIENTS.NORM_TYPE", "1e999")]
    [InlineData("SOLVER.BASE_LR", "1e-5")]
    [InlineData("TEST.EXPECTED_RESULTS", "[['bbox', 'AP', 38.5, 0.2]]")]
    [InlineData("COMPAT.SHIFTED_CLASS_NMS", "True")]
    public void Dump_LoadsAgainWithTheSameValue(string key, string value)
    {
        MergedConfiguration written = Read(Versioned, key, value);

        MergedConfiguration read = Read(written.ToYaml());

        Assert.Equal(Value(written.Tree, key), Value(read.Tree, key));
        Assert.False(read.IsDefault(key));
    }

    [Fact]
    public void Dump_HasNoKeyThatTheReferenceLacksUnlessItIsSet()
    {
        Assert.DoesNotContain("COMPAT", Read(Versioned).ToYaml());

        string set = Read(Versioned, "COMPAT.SHIFTED_CLASS_NMS", "True").ToYaml();

        Assert.Contains("COMPAT:\n  SHIFTED_CLASS_NMS: true\n", set);
        Assert.DoesNotContain("REFERENCE_UPSAMPLING", set);
    }

    [Theory]
    [InlineData("INPUT: {FORMAT: RGB}", true)]
    [InlineData("MODEL: {META_ARCHITECTURE: SOLOv2}", true)]
    [InlineData("MODEL: {METHOD: DenseCL}\nDATA: {ROOT: x}", false)]
    public void Defaults_TellDetectionFromPreTraining(string file, bool expected) =>
        Assert.Equal(expected, DetectionDefaults.Describe(ConfigurationFile.Parse(file, "f.yaml")));

    private static MergedConfiguration Read(string file, params string[] pairs) =>
        MergedConfiguration.Merge(ConfigurationFile.Parse(file, "f.yaml"), pairs);

    private static string[] Refused(string file, params string[] pairs) =>
        [.. Assert.Throws<ConfigurationException>(() => Read(file, pairs)).Problems.Select(p => p.ToString())];

    private static object? Value(ConfigurationSection tree, string key) => tree.Leaf(key).Value;
}
