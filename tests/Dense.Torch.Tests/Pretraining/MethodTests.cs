using Dense.Checkpoints;
using Dense.Pretraining;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static Dense.Torch.Tests.Pretraining.TinySettings;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Pretraining;

[LeakCheck]
public class MethodTests
{
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

    [Fact] // P-34.
    public void NumGrid_MayDifferFromTheBackbonesGridAndChangesNothingWhereItIsEqual()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = randn([4L, 2, 3, 64, 64]);
        double[] Losses(int? grid)
        {
            using var method = new DenseCl(TinyDenseCl with { Neck = TinyDenseCl.Neck with { NumGrid = grid } });
            method.LoadState(_shared ??= method.SavedState());
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
            method.LoadState(_shared ??= method.SavedState());
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
        random.manual_seed(1); // Weights and images: how far rounding moves the loss depends on them.
        Tensor images = randn([4L, 2, 3, 32, 32]);
        double Loss(bool bFloat16)
        {
            using var method = new DenseCl(
                TinyDenseCl with { Backbone = TinyBackbone with { WithCheckpointing = checkpointing } });
            method.LoadState(_shared ??= method.SavedState());
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
}
