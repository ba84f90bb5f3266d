using System.Text.Json;
using Dense.Detection.Backbones;
using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Models.Layers;
using Dense.Torch.Operators;
using Dense.Torch.Tests;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.Backbones;

[LeakCheck]
public class PyramidBackboneTests
{
    private const int FcosHeadEntries = 43, SoloHeadEntries = 52;
    private const long FcosHeadNumbers = 4_920_666, SoloHeadNumbers = 19_740_496;

    [Theory] // M-120: norms with batch statistics.
    [InlineData(DetectorKind.Fcos, 59)]
    [InlineData(DetectorKind.SoloV2, 61)]
    public void BatchNorms_AreCountedAsPublished(DetectorKind kind, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using PyramidBackbone backbone = Build(
            kind == DetectorKind.Fcos ? GoldenModels.FcosR50 : GoldenModels.SoloR50);

        Assert.Equal(count, backbone.modules().OfType<BatchNormLayer>().Count());
    }

    [Theory] // The reference totals of M-129; the heads' share is that of the stored lists.
    [InlineData(50, 1, 64, 32_244_250, 32_021_850, 324)]
    [InlineData(101, 1, 64, 51_184_154, 50_961_754, 579)]
    [InlineData(101, 32, 8, 95_328_794, 94_903_642, 579)]
    public void Fcos_HasThePublishedNumberOfParameters(
        int depth, int groups, int width, long parameters, long trainable, int entries)
    {
        using DisposeScope scope = NewDisposeScope();
        using PyramidBackbone backbone = Build(Frozen(GoldenModels.FcosR50, depth, groups, width));

        AssertCounts(
            backbone, parameters - FcosHeadNumbers, trainable - FcosHeadNumbers, entries - FcosHeadEntries);
    }

    [Theory]
    [InlineData(50, 46_539_792, 46_317_392, 333)]
    [InlineData(101, 65_479_696, 65_257_296, 588)]
    public void SoloV2_HasThePublishedNumberOfParameters(int depth, long parameters, long trainable, int entries)
    {
        using DisposeScope scope = NewDisposeScope();
        using PyramidBackbone backbone = Build(Frozen(GoldenModels.SoloR50, depth, 1, 64));

        AssertCounts(
            backbone, parameters - SoloHeadNumbers, trainable - SoloHeadNumbers, entries - SoloHeadEntries);
    }

    [Fact] // FCOS_RT: no level above p5, SyncBN with a frozen part that keeps its counters.
    public void RealTimeFcos_HasThePublishedNumberOfParameters()
    {
        const int MissingScales = 2;
        using DisposeScope scope = NewDisposeScope();
        DetectorSettings settings = Frozen(GoldenModels.FcosR50, 50, 1, 64);
        using PyramidBackbone backbone = Build(settings with
        {
            Backbone = settings.Backbone with { Norm = DetectorNorm.SyncBatch },
            Fcos = new FcosSettings { TopLevels = 0 },
        });

        AssertCounts(
            backbone,
            31_114_264 - FcosHeadNumbers + MissingScales,
            30_891_864 - FcosHeadNumbers + MissingScales,
            371 - FcosHeadEntries + MissingScales);
    }

    [Theory] // M-24.
    [Trait("Category", "Golden")]
    [InlineData("fcos_r50", 0)]
    [InlineData("fcos_r50", 1)]
    [InlineData("fcos_r50", 2)]
    [InlineData("fcos_r50", 3)]
    [InlineData("solov2_r50", 0)]
    [InlineData("solov2_r50", 1)]
    [InlineData("solov2_r50", 2)]
    [InlineData("solov2_r50", 3)]
    public void FreezeAt_FreezesWhatTheReferenceFreezes(string model, int freezeAt)
    {
        using DisposeScope scope = NewDisposeScope();
        bool fcos = model == "fcos_r50";
        DetectorSettings settings = fcos ? GoldenModels.FcosR50 : GoldenModels.SoloR50;
        using PyramidBackbone backbone = Build(
            settings with { Backbone = settings.Backbone with { FreezeAt = freezeAt } });
        using JsonDocument file = GoldenFacts.Read("pieces", $"freeze_at_{model}.json");
        JsonElement expected = file.RootElement.GetProperty($"{freezeAt}");
        string[] frozen =
            [.. expected.GetProperty("frozen_prefixes").EnumerateArray().Select(p => p.GetString() + ".")];

        IReadOnlyList<DetectorEntry> entries = DetectorState.Entries(backbone, "backbone.");

        long heads = fcos ? FcosHeadNumbers : SoloHeadNumbers;
        Assert.Equal(
            expected.GetProperty("num_trainable").GetInt64() - heads,
            entries.Where(e => e.Trainable).Sum(e => e.Tensor.numel()));
        foreach (DetectorEntry entry in entries)
        {
            bool isFrozen = frozen.Any(p => entry.Name.StartsWith(p, StringComparison.Ordinal));
            if (entry.IsNorm && entry.Name.EndsWith(".weight", StringComparison.Ordinal))
                Assert.Equal(!isFrozen, entry.IsParameter);
            Assert.Equal(entry.IsParameter && !isFrozen, entry.Trainable);
        }

        Assert.Equal(fcos ? 358 : 366, entries.Count); // Converted layers keep their counters.
    }

    [Theory] // M-23, M-37.
    [Trait("Category", "Golden")]
    [InlineData("fcos_r50")]
    [InlineData("solov2_r50")]
    public void Initialisation_HasTheReferencesDistributions(string model)
    {
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(3);
        using PyramidBackbone backbone = Build(model == "fcos_r50" ? GoldenModels.FcosR50 : GoldenModels.SoloR50);
        using JsonDocument file = GoldenFacts.Read("pieces", $"init_statistics_{model}.json");
        JsonElement statistics = file.RootElement.GetProperty("parameters");

        foreach (DetectorEntry entry in DetectorState.Entries(backbone, "backbone.").Where(e => e.IsParameter))
        {
            JsonElement expected = statistics.GetProperty(entry.Name);
            double[] values = entry.Tensor.Doubles();
            double mean = values.Average(), deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
            double reference = expected.GetProperty("std").GetDouble();

            // Two draws of n values each: means differ by σ·√(2/n), deviations by less than that.
            double limit = 5 * reference * Math.Sqrt(2.0 / values.Length);
            Assert.True(Math.Abs(expected.GetProperty("mean").GetDouble() - mean) <= limit, entry.Name);
            Assert.True(Math.Abs(reference - deviation) <= limit, entry.Name);

            // Uniform values fill their range; normal ones exceed three deviations.
            bool uniform = expected.GetProperty("max").GetDouble() < 2 * reference;
            Assert.Equal(uniform && reference > 0, values.Max() < 2 * deviation && deviation > 0);
        }
    }

    [Fact] // M-23: the fan-out of the whole weight, C_out·k·k.
    public void Groups_DoNotWidenTheInitialSpread()
    {
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(4);
        DetectorSettings settings = GoldenModels.FcosSmall;
        using PyramidBackbone backbone = Build(
            settings with { Backbone = settings.Backbone with { NumGroups = 32, WidthPerGroup = 8 } });

        Tensor weight = DetectorState.Entries(backbone).Single(e => e.Name == "bottom_up.res3.1.conv2.weight").Tensor;

        Assert.Equal([512L, 16, 3, 3], weight.shape);
        Assert.Equal(Math.Sqrt(2.0 / (512 * 9)), weight.std().item<float>(), 2e-4);
    }

    [Fact] // M-40, M-149: the levels of 800×1088.
    public void Levels_HaveHalfTheSizeRoundedUp()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using PyramidBackbone fcos = Build(Tiny(GoldenModels.FcosSmall)), solo = Build(Tiny(GoldenModels.SoloSmall));
        Tensor images = zeros(1, 3, 800, 1088);

        Assert.Equal(
            ["p3 100 136", "p4 50 68", "p5 25 34", "p6 13 17", "p7 7 9"],
            fcos.LevelNames.Zip(fcos.call(images), (n, l) => $"{n} {l.shape[2]} {l.shape[3]}"));
        Assert.Equal(
            ["p2 200 272", "p3 100 136", "p4 50 68", "p5 25 34", "p6 13 17"],
            solo.LevelNames.Zip(solo.call(images), (n, l) => $"{n} {l.shape[2]} {l.shape[3]}"));
    }

    [Fact] // M-39.
    public void TopOfSoloV2_IsEverySecondPositionOfP5()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using PyramidBackbone backbone = Build(Tiny(GoldenModels.SoloSmall));

        Tensor[] levels = backbone.call(randn(1, 3, 96, 160));

        Tensor rows = tensor(new long[] { 0, 2 }), columns = tensor(new long[] { 0, 2, 4 });
        Assert.Equal(
            levels[3].index_select(2, rows).index_select(3, columns).Doubles(), levels[4].Doubles());
    }

    [Fact] // M-35.
    public void Average_HalvesTheSumThatContinuesDownwards()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        DetectorSettings settings = Tiny(GoldenModels.FcosSmall);
        settings = settings with { Pyramid = settings.Pyramid with { Norm = DetectorNorm.None } };
        using PyramidBackbone sum = Build(settings);
        using PyramidBackbone average = Build(settings with { Pyramid = settings.Pyramid with { Averages = true } });
        DetectorState.CopyFrom(average, DetectorState.ToRecords(sum).ToDictionary(r => r.Name, r => r.Tensor));
        Tensor[] features = [randn(1, 64, 8, 8), randn(1, 128, 4, 4), randn(1, 256, 2, 2)];
        Tensor[] scaled = [features[0], features[1] * 2, features[2] * 4];

        Tensor ours = average.Levels(scaled)[0];

        // With f the lateral convolution: ((f(4·x2) + f(2·x1)) / 2 + f(x0)) / 2 = f(x2) + f(x1 / 2) + f(x0 / 2).
        Tensor expected = sum.Levels([features[0] / 2, features[1] / 2, features[2]])[0];
        Assert.True(TensorValues.Distance(expected, ours) < 1e-5);
    }

    [Fact] // M-24, M-28.
    public void FrozenNorms_EqualBatchNormInEvaluationInEitherMode()
    {
        using DisposeScope scope = NewDisposeScope();
        DetectorSettings settings = Tiny(GoldenModels.FcosSmall);
        using PyramidBackbone plain = Build(settings);
        using PyramidBackbone frozen = Build(
            settings with { Backbone = settings.Backbone with { Norm = DetectorNorm.FrozenBatch } });
        FillRule rule = FillRule.Of("fcos");
        DetectorFill.Fill(plain, rule);
        DetectorFill.Fill(frozen, rule);
        plain.eval();
        frozen.train();
        foreach (BatchNormLayer norm in frozen.modules().OfType<BatchNormLayer>())
            norm.eval();
        Tensor images = randn(2, 3, 64, 96);

        foreach (var (ours, expected) in frozen.call(images).Zip(plain.call(images)))
            Assert.True(TensorValues.RelativeDistance(ours.Doubles(), expected.Doubles()) < 1e-5);
    }

    [Fact]
    public void FrozenPart_GetsNoGradientAndKeepsItsStatistics()
    {
        using DisposeScope scope = NewDisposeScope();
        DetectorSettings settings = Tiny(GoldenModels.FcosSmall);
        using PyramidBackbone backbone = Build(
            settings with { Backbone = settings.Backbone with { FreezeAt = 2 } });
        backbone.eval();
        backbone.train();
        Dictionary<string, double[]> before = DetectorState.Entries(backbone)
            .ToDictionary(e => e.Name, e => e.Tensor.Doubles());

        backbone.call(randn(2, 3, 64, 64)).Select(l => l.square().sum()).Aggregate((a, b) => a + b).backward();

        foreach (DetectorEntry entry in DetectorState.Entries(backbone))
        {
            bool frozen = entry.Name.StartsWith("bottom_up.stem", StringComparison.Ordinal)
                || entry.Name.StartsWith("bottom_up.res2", StringComparison.Ordinal);
            Assert.Equal(entry.IsParameter && !frozen, entry.Tensor.grad is not null);
            if (frozen)
                Assert.Equal(before[entry.Name], entry.Tensor.Doubles());
        }
    }

    [Fact]
    public void ChannelsLast_GivesTheSameLevelsAndStaysChannelsLast()
    {
        using DisposeScope scope = NewDisposeScope();
        using PyramidBackbone backbone = Build(Tiny(GoldenModels.FcosSmall));
        Tensor images = randn(2, 3, 64, 96);
        backbone.eval();

        Tensor[] plain = backbone.call(images), last = backbone.call(MemoryLayout.ChannelsLast(images));

        Assert.All(plain.Zip(last), l =>
            Assert.True(TensorValues.RelativeDistance(l.Second.Doubles(), l.First.Doubles()) < 1e-4));
        Assert.True(MemoryLayout.IsChannelsLast(last[0]));
    }

    [Fact]
    public void IndicesOf_FindsLevelsAndNamesTheOnesThatAreNot()
    {
        using DisposeScope scope = NewDisposeScope();
        using PyramidBackbone backbone = Build(Tiny(GoldenModels.FcosSmall));

        Assert.Equal([1, 4], backbone.IndicesOf(["p4", "p7"]));
        Assert.Contains("p2", Assert.Throws<ArgumentException>(() => backbone.IndicesOf(["p2"])).Message);
    }

    [Fact] // M-15, M-144.
    public void Problems_AreReportedTogetherInTheWordsOfTheConfiguration()
    {
        var settings = new DetectorSettings
        {
            Backbone = new BackboneSettings
            {
                Depth = 18,
                Res5Dilation = 3,
                StemOutChannels = 0,
                OutFeatures = ["res3", "res6"],
            },
            Pyramid = new PyramidSettings
            {
                InFeatures = ["res3", "res5"],
                OutChannels = 40,
                Norm = DetectorNorm.Group,
            },
            Fcos = new FcosSettings { TopLevels = 3 },
        };

        string message = Assert.Throws<ArgumentException>(() => Build(settings)).Message;

        string[] expected =
            ["DEPTH 18 needs RES2_OUT_CHANNELS", "DEPTH 18 needs RES5_DILATION", "RES5_DILATION is 3",
                "all must be positive", "OUT_FEATURES is [res3, res6]", "FPN.IN_FEATURES is [res3, res5]",
                "TOP_LEVELS is 3", "FPN.NORM GN"];
        Assert.All(expected, part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.Empty(BackboneProblems.Of(GoldenModels.FcosR50));
        Assert.Empty(BackboneProblems.Of(GoldenModels.FcosSmallR18));
    }

    private static PyramidBackbone Build(DetectorSettings settings) => new(settings, SingleProcess.Instance);

    // As published for detection: FrozenBN, the stem and res2 frozen, no norm in the pyramid.
    private static DetectorSettings Frozen(DetectorSettings settings, int depth, int groups, int width) => settings with
    {
        Backbone = settings.Backbone with
        {
            Depth = depth,
            NumGroups = groups,
            WidthPerGroup = width,
            FreezeAt = 2,
            Norm = DetectorNorm.FrozenBatch,
        },
        Pyramid = settings.Pyramid with { Norm = DetectorNorm.None },
    };

    private static DetectorSettings Tiny(DetectorSettings settings) => settings with
    {
        Backbone = settings.Backbone with { WidthPerGroup = 8, Res2OutChannels = 32, StemOutChannels = 8 },
        Pyramid = settings.Pyramid with { OutChannels = 32 },
    };

    private static void AssertCounts(PyramidBackbone backbone, long parameters, long trainable, int entries)
    {
        IReadOnlyList<DetectorEntry> all = DetectorState.Entries(backbone);
        Assert.Equal(parameters, all.Where(e => e.IsParameter).Sum(e => e.Tensor.numel()));
        Assert.Equal(trainable, all.Where(e => e.Trainable).Sum(e => e.Tensor.numel()));
        Assert.Equal(entries, all.Count);
    }
}
