using System.Text.Json;
using Dense.Detection.Settings;
using Dense.Detection.SoloV2;
using Dense.Distributed;
using Dense.Torch.Tests;
using Dense.Torch.Tests.Pretraining.Trajectories;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.SoloV2;

// Shapes: N = 2 images of 32×32 pixels, K = 5 classes, D = 6 numbers of a kernel, grids of 6 and 3 cells per side.

[LeakCheck]
public class SoloLossesTests
{
    private const double Float32 = 1e-5; // Relative, of losses: golden/detection/README.md.
    private const double Float64Rounding = 1e-11;
    private const int Side = 32;

    private static readonly SoloV2Settings Settings = new()
    {
        NumClasses = 5,
        Grids = [6, 3],
        ScaleRanges = [(1, 16), (8, 64)],
    };

    private static readonly GroundTruth Objects = new(
        [2, 2, 12, 12, 3, 3, 13, 13, 16, 16, 30, 31],
        [0, 3, 4],
        [Mask(7, 7, 1), Mask(8, 8, 2), Mask(23, 23.5f, 3)]);

    [Fact]
    [Trait("Category", "Golden")]
    public void Losses_EqualTheReferenceOnItsHeads()
    {
        const string Batch = "train_A_two_images";
        string path = SoloGolden.Path("small", $"{Batch}.safetensors");
        using DisposeScope scope = NewDisposeScope();
        JsonElement run = SoloGolden.Json("small", "facts.json").GetProperty(Batch);
        using SoloPredictions heads = SoloHeads.Read(path);
        GroundTruth[] truths = [.. SoloHeads.Names(run).Select(i => SoloGolden.Truth(SoloHeads.Image(i)))];
        SoloTargets[] targets =
            [.. truths.Select(t => SoloTargets.Of(t, SoloHeads.Extent(heads), new SoloV2Settings()))];

        for (int n = 0; n < truths.Length; n++)
            ExpectedTargets.AssertEqual(new GoldenArrays(path), $"target.img{n}", truths[n], targets[n]);

        foreach (NamedLoss loss in Losses(new SoloV2Settings()).Compute(heads, targets, truths))
        {
            double expected = run.GetProperty("losses").GetProperty(loss.Name).GetDouble();
            Assert.Equal(expected, loss.Value.item<float>(), expected * Float32);
        }
    }

    [Fact]
    public void LossesAndGradients_EqualTheFormulasTermByTerm()
    {
        using DisposeScope scope = NewDisposeScope();
        GroundTruth[] truths = [Objects, new([4, 4, 20, 20], [1], [Mask(12, 12, 4)])];
        using SoloPredictions ours = Heads(), theirs = Heads();

        IReadOnlyList<NamedLoss> losses = Compute(ours, truths);
        (Tensor mask, Tensor category) = DirectSoloLosses.Compute(theirs, Targets(truths), truths, Settings);
        (losses[0].Value * 2 + losses[1].Value).backward();
        (mask * 2 + category).backward();

        Assert.Equal(["loss_ins", "loss_cate"], losses.Select(l => l.Name));
        Assert.Equal(mask.item<double>(), losses[0].Value.item<double>(), Float64Rounding);
        Assert.Equal(category.item<double>(), losses[1].Value.item<double>(), Float64Rounding);
        foreach (var (a, b) in Leaves(ours).Zip(Leaves(theirs)))
            Assert.True(TensorValues.Distance(a.grad!, b.grad!) < Float64Rounding);
        Assert.Contains(Targets(truths), t => t.Positives > t.Marked); // A cell is contested.
    }

    [Fact]
    public void Dice_DoesNotDependOnTheSizeOfChunks()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] Run(long chunkElements)
        {
            random.manual_seed(3);
            Tensor kernels = randn(7, 4, float64, requires_grad: true);
            Tensor feature = rand(4, 50, float64, requires_grad: true);
            Tensor masks = randint(0, 2, [3, 50], ScalarType.Byte);
            Tensor loss = KernelDice.Sum(
                kernels, feature, masks, tensor(new long[] { 0, 2, 2, 1, 0, 0, 1 }), chunkElements);
            loss.backward();
            return [loss, kernels.grad!, feature.grad!];
        }

        foreach (var (whole, single) in Run(1 << 20).Zip(Run(1)))
            Assert.True(TensorValues.Distance(whole, single) < Float64Rounding);
    }

    [Fact]
    public void LossesWithoutObjects_AreZeroAndTheBackgroundButStayConnected()
    {
        using DisposeScope scope = NewDisposeScope();
        GroundTruth[] truths = [GroundTruth.Empty, GroundTruth.Empty];
        using SoloPredictions heads = Heads();

        IReadOnlyList<NamedLoss> losses = Compute(heads, truths);
        (losses[0].Value + losses[1].Value).backward();

        (_, Tensor category) = DirectSoloLosses.Compute(heads, Targets(truths), truths, Settings);
        Assert.Equal(0, losses[0].Value.item<double>());
        Assert.Equal(category.item<double>(), losses[1].Value.item<double>(), Float64Rounding);
        Assert.All(
            heads.Kernels.Append(heads.MaskFeature), t => Assert.Equal(0, t.grad!.abs().sum().item<double>()));
        Assert.All(heads.Categories, t => Assert.True(t.grad!.abs().sum().item<double>() > 0));
    }

    [Fact]
    public void EvaluationOfLosses_NeedsNoGradients()
    {
        using DisposeScope scope = NewDisposeScope();
        using SoloPredictions heads = Heads();
        GroundTruth[] truths = [Objects, GroundTruth.Empty];
        double[] expected = [.. Compute(heads, truths).Select(l => l.Value.item<double>())];

        using IDisposable noGradient = no_grad();

        Assert.Equal(expected, Compute(heads, truths).Select(l => l.Value.item<double>()));
    }

    // KF-15: rank 0 has objects, rank 1 has none.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void DivisorsOfRanks_AreTheirOwnUnlessMeansAreAskedFor(bool means)
    {
        using DisposeScope scope = NewDisposeScope();
        GroundTruth[] truths = [Objects, new([4, 4, 20, 20], [1], [Mask(12, 12, 4)])];
        double union;
        using (SoloPredictions heads = Heads())
            union = Compute(heads, truths)[0].Value.item<double>();

        double[] ranks = ThreadedCollectives.Run(2, collectives =>
        {
            using DisposeScope own = NewDisposeScope();
            using SoloPredictions heads = Heads(collectives.Rank);
            GroundTruth[] part = [truths[collectives.Rank]];
            SoloV2Settings settings = Settings with { Options = new() { NormaliseOverRanks = means } };
            var losses = new SoloLosses(settings, collectives);
            return losses.Compute(heads, Targets(part), part)[0].Value.item<double>();
        });

        double mean = (ranks[0] + ranks[1]) / 2;
        Assert.Equal(means, Math.Abs(mean - union) < Float64Rounding);
    }

    private static MaskTarget Mask(float x, float y, int seed)
    {
        var random = new Random(seed);
        byte[] quarter = [.. Enumerable.Range(0, 49).Select(_ => (byte)random.Next(2))];
        return new MaskTarget(16 * quarter.Count(v => v != 0), x, y, 7, 7, quarter); // A 28×28 image: padding follows.
    }

    private static SoloTargets[] Targets(IEnumerable<GroundTruth> truths) =>
        [.. truths.Select(t => SoloTargets.Of(t, (Side, Side), Settings))];

    private static SoloLosses Losses(SoloV2Settings settings) =>
        new(settings, SingleProcess.Instance);

    private static IReadOnlyList<NamedLoss> Compute(SoloPredictions heads, GroundTruth[] truths) =>
        Losses(Settings).Compute(heads, Targets(truths), truths);

    private static IEnumerable<Tensor> Leaves(SoloPredictions heads) =>
        [.. heads.Categories, .. heads.Kernels, heads.MaskFeature];

    // Equal at each call; the whole batch or one image of it.
    private static SoloPredictions Heads(int? image = null)
    {
        var random = new Random(11);
        Tensor Draw(params long[] shape)
        {
            double[] values = [.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b))
                .Select(_ => 4 * random.NextDouble() - 2)];
            using Tensor all = tensor(values, shape);
            return (image is int n ? all.narrow(0, n, 1).clone() : all.clone()).requires_grad_();
        }

        return new SoloPredictions(
            [Draw(2, 5, 6, 6), Draw(2, 5, 3, 3)],
            [Draw(2, 6, 6, 6), Draw(2, 6, 3, 3)],
            Draw(2, 6, Side / 4, Side / 4));
    }
}
