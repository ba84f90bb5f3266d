using System.Text.Json;
using Dense.Checkpoints;
using Dense.Models.Backbones;
using Dense.Pretraining;
using Dense.Pretraining.State;
using Dense.Torch.Tests.Tensors;
using Dense.Training.Evaluation;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Pretraining;

[LeakCheck]
public class MethodTests
{
    [Fact] // P-11, P-12, P-41, P-48. A short queue: its length is not what is counted.
    public void StateSizes_AreThePublishedOnesForResNet50()
    {
        using DisposeScope scope = NewDisposeScope();
        using var denseCl = new DenseCl(new DenseClSettings { QueueLength = 256 });
        using var second = new MoCo(new MoCoSettings { QueueLength = 256 });
        using var first = new MoCo(MoCoSettings.V1 with { QueueLength = 256 });
        using var supervised = new Classification(new ClassificationSettings());

        Assert.Equal(974, denseCl.SaveState().Count);
        Assert.Equal(964, second.SaveState().Count);
        Assert.Equal(960, first.SaveState().Count);
        Assert.Equal(320, supervised.SaveState().Count);
        Assert.Equal(334, denseCl.OptimizerParameters.Count);
        Assert.Equal(64_850_560, denseCl.OptimizerParameters.Sum(p => p.Parameter.numel()));
        Assert.Equal(32_425_280, denseCl.OptimizerParameters.Where(p => p.Trainable).Sum(p => p.Parameter.numel()));
        Assert.Equal("encoder_k.1.mlp2.2.bias", denseCl.OptimizerParameters[^1].Name);
    }

    [Fact] // P-11.
    public void DenseClNames_BeginAndEndAsInTheReference()
    {
        using DisposeScope scope = NewDisposeScope();
        using var method = new DenseCl(TinyDenseCl);
        (string, string)[] entries =
            [.. method.SaveState().Select(e => (e.Key, string.Join(' ', e.Value.Shape)))];

        Assert.Equal([("queue", "16 32"), ("queue_ptr", "1"), ("queue2", "16 32"), ("queue2_ptr", "1"),
            ("encoder_q.0.conv1.weight", "8 3 7 7")], entries[..5]);
        Assert.Equal(
            [("encoder_q.1.mlp.0.weight", "24 64"), ("encoder_q.1.mlp.0.bias", "24"),
                ("encoder_q.1.mlp.2.weight", "16 24"),
                ("encoder_q.1.mlp.2.bias", "16"), ("encoder_q.1.mlp2.0.weight", "24 64 1 1"),
                ("encoder_q.1.mlp2.0.bias", "24"), ("encoder_q.1.mlp2.2.weight", "16 24 1 1"),
                ("encoder_q.1.mlp2.2.bias", "16")],
            entries.Where(e => e.Item1.StartsWith("encoder_q.1.", StringComparison.Ordinal)));
        Assert.Equal("backbone.layer4.1.bn2.num_batches_tracked", entries[^1].Item1);
    }

    [Theory] // P-42.
    [InlineData(MoCoNeckKind.Linear, "fc.weight fc.bias")]
    [InlineData(MoCoNeckKind.NonLinearV1, "mlp.0.weight mlp.0.bias mlp.2.weight mlp.2.bias")]
    [InlineData(MoCoNeckKind.SimClr, "fc0.weight bn0.weight bn0.bias bn0.running_mean bn0.running_var "
        + "bn0.num_batches_tracked fc1.weight bn1.weight bn1.bias bn1.running_mean bn1.running_var " +
            "bn1.num_batches_tracked")]
    public void MoCoNecks_HaveTheNamesOfTheReferenceAndTrain(MoCoNeckKind kind, string names)
    {
        using DisposeScope scope = NewDisposeScope();
        using var method = new MoCo(TinyMoCo with { Neck = TinyMoCo.Neck with { Kind = kind } });
        method.Place(new PlacementSettings());

        StepResult result = method.Step(new PretrainingBatch(randn([4L, 2, 3, 32, 32])), new StepContext(0));
        result.Total.backward();

        Assert.Equal(
            names.Split(' '),
            method.SaveState().Select(e => e.Key).Where(n => n.StartsWith("encoder_q.1.", StringComparison.Ordinal))
                .Select(n => n[12..]));
        Assert.Equal(["loss_contra", "loss"], result.Losses.Select(l => l.Name));
        Assert.All(
            method.OptimizerParameters.Where(p => p.Trainable),
            p => Assert.True(p.Parameter.grad!.norm().item<float>() > 0, p.Name));
    }

    [Theory] // P-15, P-205.
    [InlineData(false)]
    [InlineData(true)]
    public void DenseBranch_KeepsTheFrameworksInitialisationUnlessAskedOtherwise(bool he)
    {
        using DisposeScope scope = NewDisposeScope();
        using var neck = new DenseClNeck(new DenseClNeckSettings
        {
            InChannels = 512,
            HiddenChannels = 512,
            OutChannels = 128,
            HeInitialisedGrid = he,
        });
        Dictionary<string, Tensor> state = ModuleState.Tensors(neck).ToDictionary(e => e.Name, e => e.Tensor);

        double bound = 1 / Math.Sqrt(512);
        Assert.Equal(Math.Sqrt(2.0 / 512), state["mlp.0.weight"].std().item<float>(), 0.002);
        Assert.Equal(0, state["mlp.0.bias"].abs().max().item<float>());
        Assert.Equal(he, state["mlp2.0.weight"].abs().max().item<float>() > bound + 1e-6);
        Assert.Equal(he ? 0 : bound, state["mlp2.0.bias"].abs().max().item<float>(), 0.002);
    }

    [Fact] // P-14.
    public void KeyEncoder_StartsEqualToTheQueryEncoder()
    {
        using DisposeScope scope = NewDisposeScope();
        using var method = new DenseCl(TinyDenseCl);
        Dictionary<string, TensorRecord> state = Map(method.SaveState());

        Assert.All(
            state.Where(e => e.Key.StartsWith("encoder_q.", StringComparison.Ordinal)),
            e => Assert.Equal(e.Value.Doubles(), state["encoder_k" + e.Key[9..]].Doubles()));
    }

    [Fact] // P-13, P-48.
    public void State_SurvivesSavingAndLoading()
    {
        using DisposeScope scope = NewDisposeScope();
        using var from = new DenseCl(TinyDenseCl);
        using var to = new DenseCl(TinyDenseCl);
        from.Place(new PlacementSettings());
        to.Place(new PlacementSettings { ChannelsLast = false });
        _ = from.Step(new PretrainingBatch(randn([4L, 2, 3, 32, 32])), new StepContext(0));

        StateLoadReport report = to.LoadState(Map(from.SaveState()));

        Assert.True(report.IsComplete);
        Assert.Empty(report.Warnings);
        Assert.All(from.SaveState().Zip(to.SaveState()), p => Assert.True(
            p.First.Key == p.Second.Key &&
            p.First.Value.Bytes.Span.SequenceEqual(p.Second.Value.Bytes.Span), p.First.Key));
    }

    [Fact] // P-13.
    public void Loading_TakesFilesWithoutTheAliasAndPrefersTheEncoderWhereTheyDiffer()
    {
        using DisposeScope scope = NewDisposeScope();
        using var method = new DenseCl(TinyDenseCl);
        Dictionary<string, TensorRecord> state = Map(method.SaveState());
        Dictionary<string, TensorRecord> bare =
            state.Where(e => !e.Key.StartsWith("backbone.", StringComparison.Ordinal))
            .ToDictionary(e => "module." + e.Key, e => e.Value);

        Assert.True(method.LoadState(bare).IsComplete);

        state["backbone.bn1.weight"] = (ones(8) * 7).ToRecord();
        StateLoadReport report = method.LoadState(state);

        Assert.Contains("encoder_q.0.bn1.weight is used", Assert.Single(report.Warnings));
        Assert.Equal(1, Map(method.SaveState())["backbone.bn1.weight"].Doubles()[0]);
    }

    [Fact]
    public void Loading_ReportsWhatDoesNotFit()
    {
        using DisposeScope scope = NewDisposeScope();
        using var method = new DenseCl(TinyDenseCl);
        Dictionary<string, TensorRecord> state = Map(method.SaveState());
        state.Remove("encoder_q.1.mlp.0.bias");
        state["queue2"] = zeros(16, 8).ToRecord();
        state["head.weight"] = zeros(1).ToRecord();

        StateLoadReport report = method.LoadState(state);

        Assert.Equal(["encoder_q.1.mlp.0.bias"], report.Names.Missing);
        Assert.Equal(["head.weight"], report.Names.Unexpected);
        Assert.Equal(
            "queue2: [16, 8] in the file, [16, 32] expected", Assert.Single(report.Names.ShapeMismatches).ToString());
        var error = Assert.Throws<StateMismatchException>(() => report.RequireComplete("some.pth"));
        Assert.Contains("some.pth", error.Message);
        Assert.Contains("encoder_q.1.mlp.0.bias", error.Message);
    }

    [Fact] // P-69, P-14.
    public void PretrainedBackbone_IsLoadedStrictlyIntoBothEncoders()
    {
        using DisposeScope scope = NewDisposeScope();
        using var source = new ResNet(TinyBackbone);
        using var method = new DenseCl(TinyDenseCl);
        Dictionary<string, TensorRecord> weights = ModuleState.Tensors(source)
            .Where(e => !e.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            .ToDictionary(e => "module." + e.Name, e => e.Tensor.ToRecord());

        method.LoadBackbone(weights, "backbone.pth");

        Dictionary<string, TensorRecord> state = Map(method.SaveState());
        foreach (string encoder in (string[])["encoder_q", "encoder_k", "backbone"])
        {
            string prefix = encoder == "backbone" ? "backbone." : encoder + ".0.";
            Assert.Equal(weights["module.conv1.weight"].Doubles(), state[prefix + "conv1.weight"].Doubles());
        }

        weights.Remove("module.bn1.weight");
        Assert.Throws<StateMismatchException>(() => method.LoadBackbone(weights, "backbone.pth"));
    }

    [Fact] // P-211.
    public void PretrainedBackbone_NamesTheRemedyForATrainingCheckpoint()
    {
        using DisposeScope scope = NewDisposeScope();
        using var method = new DenseCl(TinyDenseCl);
        Dictionary<string, TensorRecord> checkpoint = Map(method.SaveState());

        var error = Assert.Throws<StateMismatchException>(() => method.LoadBackbone(checkpoint, "epoch_200.pth"));

        Assert.Contains("epoch_200.pth", error.Message);
        Assert.Contains("extract", error.Message);
        Assert.Contains("layer1.0.conv1.weight", error.Message);
    }

    [Theory] // P-45, P-47.
    [InlineData(MoCoNeckKind.Linear)]
    [InlineData(MoCoNeckKind.NonLinearV1)]
    public void FacebookCheckpoints_LoadIntoMoCoAndIntoABackbone(MoCoNeckKind kind)
    {
        using DisposeScope scope = NewDisposeScope();
        MoCoSettings settings = TinyMoCo with { Neck = TinyMoCo.Neck with { Kind = kind } };
        using var from = new MoCo(settings);
        using var to = new MoCo(settings);
        using var backbone = new ResNet(TinyBackbone);
        Dictionary<string, TensorRecord> theirs = from.SaveState()
            .Where(e => !e.Key.StartsWith("backbone.", StringComparison.Ordinal))
            .ToDictionary(
                e => "module." + e.Key.Replace("_q.0.", "_q.").Replace("_k.0.", "_k.").Replace(".1.mlp.", ".fc.")
                .Replace(".1.fc.", ".fc."),
                e => e.Value);

        to.LoadState(theirs).RequireComplete("checkpoint_0199.pth.tar");
        BackboneWeights.Load(backbone, RecognisedBackbone(theirs), "checkpoint_0199.pth.tar");

        Assert.All(from.SaveState().Zip(to.SaveState()), p => Assert.Equal(
            p.First.Value.Doubles(), p.Second.Value.Doubles()));
        Assert.Equal(theirs["module.encoder_q.conv1.weight"].Doubles(), ModuleState.Tensors(backbone)
            .First().Tensor.Doubles());
    }

    private static IReadOnlyDictionary<string, TensorRecord> RecognisedBackbone(
        IEnumerable<KeyValuePair<string, TensorRecord>> state)
    {
        using var folder = new TempFolder();
        SafetensorsFile.Write(folder["state.safetensors"], state);
        return BackboneFile.Weights(folder["state.safetensors"]);
    }

    [Fact] // P-34.
    public void NumGrid_MayDifferFromTheBackbonesGridAndChangesNothingWhereItIsEqual()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = randn([4L, 2, 3, 64, 64]);
        double[] Losses(int? grid)
        {
            using var method = new DenseCl(TinyDenseCl with { Neck = TinyDenseCl.Neck with { NumGrid = grid } });
            method.LoadState(_shared ??= Map(method.SaveState()));
            method.Place(new PlacementSettings());
            StepResult result = method.Step(new PretrainingBatch(images), new StepContext(0));
            result.Total.backward();
            return [.. result.Losses.Select(l => l.Value.Doubles()[0])];
        }

        double[] unset = Losses(null);

        Assert.Equal(unset, Losses(2)); // 64 pixels make a grid of 2×2.
        Assert.NotEqual(unset, Losses(3));
        Assert.NotEqual(unset, Losses(1));
    }

    private Dictionary<string, TensorRecord>? _shared;

    [Fact] // P-200.
    public void BatchNormGroups_ShuffleKeysByIterationAndGiveAResultOfTheirOwn()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = randn([4L, 2, 3, 32, 32]);
        double[] Key(int groups, long iteration)
        {
            using var method = new DenseCl(TinyDenseCl with { BatchNormGroups = groups }, seed: 3);
            method.LoadState(_shared ??= Map(method.SaveState()));
            method.Place(new PlacementSettings { Type = ScalarType.Float64 });
            double[] key = [];
            _ = method.Step(
                new PretrainingBatch(images.to(ScalarType.Float64)),
                new StepContext(iteration) { Observe = (name, t) => key = name == "k" ? t.Doubles() : key });
            return key;
        }

        Assert.Equal(Key(2, 0), Key(2, 0));
        Assert.True(TensorValues.Distance(Key(1, 0), Key(2, 0)) > 1e-3);

        // Another shuffle, other neighbours (unless the permutations agree up to the groups, as a pair may by chance).
        Assert.Contains(Enumerable.Range(1, 8), i => TensorValues.Distance(Key(2, 0), Key(2, i)) > 1e-3);
        Assert.True(TensorValues.Distance(Key(1, 0), Key(1, 1)) < 1e-12);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void BFloat16_KeepsParametersAndLossesInFloat32(bool checkpointing)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = randn([4L, 2, 3, 32, 32]);
        double Loss(bool bFloat16)
        {
            using var method = new DenseCl(
                TinyDenseCl with { Backbone = TinyBackbone with { WithCheckpointing = checkpointing } });
            method.LoadState(_shared ??= Map(method.SaveState()));
            method.Place(new PlacementSettings { BFloat16 = bFloat16 });
            StepResult result = method.Step(new PretrainingBatch(images), new StepContext(0));
            result.Total.backward();
            Assert.Equal(ScalarType.Float32, result.Total.dtype);
            Assert.Equal(ScalarType.Float32, method.Parameters.Gradients.dtype);
            Assert.True(float.IsFinite(method.Parameters.GradientNorm().item<float>()));
            return result.Total.Doubles()[0];
        }

        double exact = Loss(false), rounded = Loss(true);

        Assert.NotEqual(exact, rounded);
        Assert.Equal(exact, rounded, 0.1 * exact);
    }

    [Fact] // P-140.
    public void Figures_AreComputedOnlyWhenAskedFor()
    {
        using DisposeScope scope = NewDisposeScope();
        using var method = new DenseCl(TinyDenseCl);
        method.Place(new PlacementSettings());
        var batch = new PretrainingBatch(randn([4L, 2, 3, 32, 32]));

        StepResult silent = method.Step(batch, new StepContext(0));
        StepResult logged = method.Step(batch, new StepContext(4) { Figures = true });

        Assert.Empty(silent.Figures);
        Assert.Equal(["loss_contra_single", "loss_contra_dense", "loss"], silent.Losses.Select(l => l.Name));
        Dictionary<string, double> figures = logged.Figures.ToDictionary(f => f.Name, f => f.Value.Doubles()[0]);
        Assert.Equal(
            ["raw_loss_single", "raw_loss_dense", "lambda", "queue_fill", "top1_single", "top5_single", "top1_dense",
                "top5_dense", "matched_cosine", "spread_single", "spread_dense"],
            figures.Keys);
        Assert.Equal(0.5, figures["queue_fill"]); // Four steps of four keys in a queue of 32.
        Assert.InRange(figures["matched_cosine"], 0, 1.0001);
        Assert.InRange(figures["top5_dense"], figures["top1_dense"], 100);
    }

    [Fact] // P-37.
    public void Extract_ReturnsTheBackbonesMapsAndDenseFeaturesAreUnitVectors()
    {
        using DisposeScope scope = NewDisposeScope();
        using var method = new DenseCl(TinyDenseCl);
        method.Place(new PlacementSettings());
        method.eval();
        using IDisposable noGradient = no_grad();

        Assert.Equal([2L, 64, 2, 2], Assert.Single(method.Extract(randn([2L, 3, 64, 64]))).shape);
        Tensor features = method.DenseFeatures(randn([2L, 3, 64, 64]));
        Assert.Equal([2L, 64, 4], features.shape);
        Assert.All(features.norm(1).Doubles(), n => Assert.Equal(1, n, 1e-5));
    }

    [Fact]
    public void Steps_RefuseBatchesOfAnotherShape()
    {
        using DisposeScope scope = NewDisposeScope();
        using var method = new DenseCl(TinyDenseCl);
        method.Place(new PlacementSettings());

        var error = Assert.Throws<ArgumentException>(
            () => method.Step(new PretrainingBatch(randn([4L, 3, 32, 32])), new StepContext(0)));
        Assert.Contains("4×3×32×32", error.Message);
    }

    [Fact] // P-206.
    public void Settings_ReportEveryProblemAtOnce()
    {
        string[] problems =
        [
            .. (TinyDenseCl with
            {
                LossLambda = 2, Temperature = 0, KeyMomentum = -1, WarmupIterations = -1, BatchNormGroups = 3,
                Neck = TinyDenseCl.Neck with { OutChannels = 5, InChannels = 7, NumGrid = 0 },
            }).Problems(batchPerRank: 5, worldSize: 2),
        ];

        Assert.Equal(9, problems.Length);
        Assert.Contains(problems, p => p.Contains(
            "queue_len 32 is not a multiple of the global batch 5 × 2", StringComparison.Ordinal));
        Assert.Empty(new DenseClSettings().Problems(32, 8));
        Assert.Empty(new MoCoSettings().Problems(32, 8));
        Assert.Empty(MoCoSettings.V1.Problems(32, 8));
        Assert.Empty(new ClassificationSettings().Problems());
        Assert.Throws<ArgumentException>(() => new MoCo(TinyMoCo with { QueueLength = 0 }));
    }

    [Theory] // P-35.
    [InlineData(0, 0)]
    [InlineData(999, 0)]
    [InlineData(1000, 0.5)]
    public void Lambda_IsZeroUntilTheWarmUpIsOver(long iteration, double expected) =>
        Assert.Equal(expected, (TinyDenseCl with { WarmupIterations = 1000 }).LambdaAt(iteration));

    [Fact]
    [Trait("Category", "Golden")]
    public void BackboneNames_AreThoseOfThePublishedFiles()
    {
        using DisposeScope scope = NewDisposeScope();
        string path = Golden.Require("pretraining", "checkpoints", "names_densecl_r50.expected.json");
        JsonElement renames = JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("renames");
        using var net = new ResNet(new ResNetSettings());

        Assert.Equal(renames.EnumerateArray().Select(r => r[0].GetString()!), ModuleState.Tensors(net)
            .Select(e => e.Name));
    }

    private static ResNetSettings TinyBackbone => new() { Depth = 18, BaseWidth = 8, OutIndices = [4] };

    private static DenseClSettings TinyDenseCl => new()
    {
        Backbone = TinyBackbone,
        QueueLength = 32,
        FeatureDim = 16,
        Neck = new DenseClNeckSettings { InChannels = 64, HiddenChannels = 24, OutChannels = 16 },
    };

    private static MoCoSettings TinyMoCo => new()
    {
        Backbone = TinyBackbone,
        QueueLength = 32,
        FeatureDim = 16,
        Neck = new MoCoNeckSettings { InChannels = 64, HiddenChannels = 24, OutChannels = 16 },
    };

    private static Dictionary<string, TensorRecord> Map(IEnumerable<KeyValuePair<string, TensorRecord>> state) =>
        state.ToDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal);
}
