using System.Globalization;
using System.Text.Json;
using Dense.Detection.Fcos;
using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Torch;
using Dense.Torch.Tests;
using Dense.Torch.Tests.Pretraining.Trajectories;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.Fcos;

[LeakCheck]
public sealed class FcosLossesTests
{
    private const string Batch = "train_A_two_images";
    private const double LossTolerance = 1e-5;
    private const double ActivationTolerance = 5e-5;

    public static TheoryData<string, string> Variants() => FcosCase.Variants(Batch, "loss_variants");

    [Theory]
    [MemberData(nameof(Variants))]
    [Trait("Category", "Golden")]
    public void LossesAndTheirGradients_OfTheReferencesOutputsEqualTheReference(string name, string variant)
    {
        using DisposeScope scope = NewDisposeScope();
        var golden = new FcosCase(name);
        GoldenArrays arrays = golden.Arrays(Batch);
        JsonElement facts = variant.Length == 0
            ? golden.Facts.GetProperty(Batch)
            : golden.Facts.GetProperty("loss_variants").GetProperty(variant);
        FcosSettings settings = golden.Settings(facts.TryGetProperty("options", out var options) ? options : null).Fcos;
        FcosLevel[] levels = GoldenLevels.Read(arrays, requiresGrad: true);
        GroundTruth[] truths = [.. golden.Batch(Batch).Select(i => i.GroundTruth!)];

        IReadOnlyList<NamedLoss> losses = Compute(settings, levels, truths, CallNumber(variant));
        losses.Select(l => l.Value).Aggregate((a, b) => a + b).backward();

        foreach (NamedLoss loss in losses)
        {
            double expected = facts.GetProperty("losses").GetProperty(loss.Name).GetDouble();
            Near(expected, loss.Value.Doubles()[0], LossTolerance);
        }

        foreach (var (level, i) in levels.Select((level, i) => (level, i)))
        {
            CompareGradient(arrays, facts, $"logits.{i}", level.Logits, variant);
            CompareGradient(arrays, facts, $"bbox_reg.{i}", level.Distances, variant);
            CompareGradient(arrays, facts, $"ctrness.{i}", level.Quality, variant);
        }
    }

    [Fact]
    public void WithoutPositives_TheLossesAreZeroAndReachEveryOutput()
    {
        using DisposeScope scope = NewDisposeScope();
        FcosLevel[] levels = RandomLevels(seed: 1);

        IReadOnlyList<NamedLoss> losses = Compute(new FcosSettings { NumClasses = 3 }, levels, [GroundTruth.Empty]);
        losses.Select(l => l.Value).Aggregate((a, b) => a + b).backward();

        Assert.Equal(["loss_fcos_cls", "loss_fcos_loc", "loss_fcos_ctr"], losses.Select(l => l.Name));
        Assert.True(losses[0].Value.item<float>() > 0);
        Assert.Equal(0, losses[1].Value.item<float>());
        Assert.Equal(0, losses[2].Value.item<float>());
        foreach (FcosLevel level in levels)
        {
            Assert.All(level.Distances.grad!.Doubles(), g => Assert.Equal(0, g));
            Assert.All(level.Quality.grad!.Doubles(), g => Assert.Equal(0, g));
            Assert.Contains(level.Logits.grad!.Doubles(), g => g > 0);
        }
    }

    // KF-10: where every location says exactly its target, what is left of the loss is the entropy.
    [Fact]
    public void CenternessLoss_OfAPerfectPredictionIsTheEntropyOfItsTargets()
    {
        using DisposeScope scope = NewDisposeScope();
        var settings = new FcosSettings { NumClasses = 3 };
        FcosLevel[] levels = RandomLevels(seed: 1);
        GroundTruth[] truths = [new GroundTruth([3, 5, 60, 40], [1], null)];
        IReadOnlyList<LevelTargets> targets =
            new FcosTargets(settings).Assign([.. levels.Select(l => l.MapSize)], truths);
        FcosLevel[] perfect = [.. levels.Zip(targets, (l, t) => l with { Quality = Logits(l.Quality, t) })];

        NamedLoss random = Compute(settings, levels, truths)[2], exact = Compute(settings, perfect, truths)[2];

        Assert.InRange(exact.Value.item<float>(), 0.3, 0.7);
        Near(exact.TargetEntropy!.item<float>(), exact.Value.item<float>(), 1e-6);
        Assert.Equal(exact.TargetEntropy!.item<float>(), random.TargetEntropy!.item<float>());
        Assert.True(random.Value.item<float>() > 1.1 * random.TargetEntropy!.item<float>());
    }

    // M-59: what a head gives in bfloat16 is summed in float32, autocast or not.
    [Fact]
    public void Losses_AreFloat32UnderMixedPrecision()
    {
        using DisposeScope scope = NewDisposeScope();
        var settings = new FcosSettings { NumClasses = 3 };
        GroundTruth[] truths = [new GroundTruth([3, 5, 60, 40], [1], null)];
        FcosLevel[] half = [.. RandomLevels(seed: 1).Select(l => As(l, ScalarType.BFloat16))];
        IReadOnlyList<NamedLoss> expected =
            Compute(settings, [.. half.Select(l => As(l, ScalarType.Float32))], truths);

        IReadOnlyList<NamedLoss> losses;
        using (new Autocast(DeviceType.CPU, ScalarType.BFloat16))
            losses = Compute(settings, half, truths);

        Assert.All(losses, l => Assert.Equal(ScalarType.Float32, l.Value.dtype));
        Assert.Equal(expected.Select(l => l.Value.item<float>()), losses.Select(l => l.Value.item<float>()));

        static FcosLevel As(FcosLevel l, ScalarType type) =>
            new(l.Logits.to(type), l.Distances.to(type), l.Quality.to(type));
    }

    [Fact]
    public void TheMovingNumberOfPositives_StartsAtOneHundredAndGoesOnWhereItWasLeft()
    {
        using DisposeScope scope = NewDisposeScope();
        var settings = new FcosSettings { NumClasses = 3, ClassNormalizer = ClassNormalizer.MovingForeground };
        FcosLevel[] levels = RandomLevels(seed: 2);
        IReadOnlyList<LevelTargets> targets =
            new FcosTargets(settings).Assign([.. levels.Select(l => l.MapSize)], [GroundTruth.Empty]);
        var first = new FcosLosses(settings, SingleProcess.Instance);
        double fresh = first.Compute(levels, targets)[0].Value.item<float>();

        var resumed = new FcosLosses(settings, SingleProcess.Instance) { MovingForeground = first.MovingForeground };
        double second = first.Compute(levels, targets)[0].Value.item<float>();
        double afterResume = resumed.Compute(levels, targets)[0].Value.item<float>();

        Assert.Equal(0.9 * (0.9 * 100 + 0.1) + 0.1, first.MovingForeground, 1e-9);
        Assert.Equal(second, afterResume);
        Near(fresh * (0.9 * 100 + 0.1) / first.MovingForeground, second, LossTolerance);
    }

    // M-58, M-64, M-66: the mean of the ranks' counts divides, also on a rank that has nothing to find.
    [Fact]
    public void Divisors_AreMeansOverRanks()
    {
        var settings = new FcosSettings { NumClasses = 3 };
        var truth = new GroundTruth([8, 8, 60, 50, 30, 20, 62, 62], [0, 2], null);
        double[][] Losses(ICollectives collectives, GroundTruth own)
        {
            using DisposeScope scope = NewDisposeScope();
            FcosLevel[] levels = RandomLevels(seed: 6);
            IReadOnlyList<LevelTargets> targets =
                new FcosTargets(settings).Assign([.. levels.Select(l => l.MapSize)], [own]);
            IReadOnlyList<NamedLoss> losses = new FcosLosses(settings, collectives).Compute(levels, targets);
            return [[.. losses.Select(l => (double)l.Value.item<float>())], [targets.Sum(t => t.Count)]];
        }

        double[][] alone = Losses(SingleProcess.Instance, truth);
        double[][] empty = Losses(SingleProcess.Instance, GroundTruth.Empty);
        double positives = alone[1][0];
        double[][][] ranks = ThreadedCollectives.Run(
            2, c => Losses(c, c.Rank == 0 ? truth : GroundTruth.Empty));

        Assert.True(positives > 2);
        for (int i = 0; i < 3; i++)
            Near(2 * alone[0][i], ranks[0][0][i], LossTolerance);
        Near(empty[0][0] / (positives / 2), ranks[1][0][0], LossTolerance);
        Assert.Equal([0, 0], ranks[1][0][1..]);
    }

    [Fact]
    public void ChannelsLastOutputs_GiveTheSameLossesAndGradients()
    {
        using DisposeScope scope = NewDisposeScope();
        var settings = new FcosSettings { NumClasses = 3 };
        var truth = new GroundTruth([8, 8, 60, 50, 30, 20, 62, 62], [0, 2], null);
        FcosLevel[] plain = RandomLevels(seed: 3), innermost = [.. RandomLevels(seed: 3).Select(l => new FcosLevel(
            ChannelsLast(l.Logits), ChannelsLast(l.Distances), ChannelsLast(l.Quality)))];

        Compute(settings, plain, [truth]).Select(l => l.Value).Aggregate((a, b) => a + b).backward();
        Compute(settings, innermost, [truth]).Select(l => l.Value).Aggregate((a, b) => a + b).backward();

        foreach (var (a, b) in plain.Zip(innermost))
        {
            Assert.InRange(TensorValues.Distance(a.Logits.grad!, b.Logits.grad!), 0, 1e-7);
            Assert.InRange(TensorValues.Distance(a.Distances.grad!, b.Distances.grad!), 0, 1e-7);
            Assert.InRange(TensorValues.Distance(a.Quality.grad!, b.Quality.grad!), 0, 1e-7);
        }

        static Tensor ChannelsLast(Tensor x) =>
            Dense.Torch.Operators.MemoryLayout.ChannelsLast(x.detach()).requires_grad_();
    }

    internal static IReadOnlyList<NamedLoss> Compute(
        FcosSettings settings, IReadOnlyList<FcosLevel> levels, IReadOnlyList<GroundTruth> truths, int calls = 1)
    {
        var losses = new FcosLosses(settings, SingleProcess.Instance);
        IReadOnlyList<LevelTargets> targets =
            new FcosTargets(settings).Assign([.. levels.Select(l => l.MapSize)], truths);
        for (int call = 1; call < calls; call++)
            losses.Compute(levels, targets);
        return losses.Compute(levels, targets);
    }

    // Some variants keep state from call to call; their names end in the number of the call.
    internal static int CallNumber(string variant)
    {
        int at = variant.LastIndexOf("_call", StringComparison.Ordinal);
        return at < 0 ? 1 : int.Parse(variant[(at + 5)..], CultureInfo.InvariantCulture);
    }

    internal static void Near(double expected, double actual, double relative) =>
        Assert.InRange(actual, expected - relative * Math.Abs(expected), expected + relative * Math.Abs(expected));

    private static void CompareGradient(
        GoldenArrays arrays, JsonElement facts, string name, Tensor output, string variant)
    {
        double[] gradient = output.grad!.Doubles();
        if (variant.Length == 0)
        {
            if (!arrays.Names.Contains("head_grad." + name))
                return;
            using Tensor expected = GoldenLevels.Read(arrays, "head_grad." + name);
            double[] values = expected.Doubles();
            double largest = values.Max(Math.Abs);
            Assert.InRange(TensorValues.Distance(values, gradient), 0, ActivationTolerance * largest);
            return;
        }

        Near(facts.GetProperty("head_gradient_l2").GetProperty(name).GetDouble(), TensorValues.Norm(gradient), 1e-4);
    }

    // What the quality branch must say for the sigmoid to be the centre-ness of each positive location.
    private static Tensor Logits(Tensor like, LevelTargets targets)
    {
        float[] values = new float[like.numel()];
        foreach (var (i, d) in targets.Distances.Chunk(4).Index())
        {
            double across = Math.Min(d[0], d[2]) / Math.Max(d[0], d[2]);
            double down = Math.Min(d[1], d[3]) / Math.Max(d[1], d[3]);
            double centerness = Math.Clamp(Math.Sqrt(across * down), 1e-6, 1 - 1e-6);
            values[targets.Locations[i]] = (float)Math.Log(centerness / (1 - centerness));
        }

        return tensor(values, like.shape);
    }

    private static FcosLevel[] RandomLevels(int seed)
    {
        using var generator = new Generator((ulong)seed);
        Tensor Leaf(Tensor values) => values.detach().requires_grad_();
        return [.. new[] { 8, 4, 2, 1, 1 }.Select(side => new FcosLevel(
            Leaf(randn([1, 3, side, side], generator: generator)),
            Leaf(rand([1, 4, side, side], generator: generator) * 4),
            Leaf(randn([1, 1, side, side], generator: generator))))];
    }
}
