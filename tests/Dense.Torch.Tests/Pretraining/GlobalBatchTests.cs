using Dense.Distributed;
using Dense.Models.Layers;
using Dense.Pretraining;
using Dense.Torch.Flat;
using Dense.Torch.Tests.Ranks;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static Dense.Torch.Tests.Pretraining.TinySettings;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Pretraining;

/// <summary>
/// R13: several processes train as one with the global batch, where BatchNorm spans processes. Sums are the same numbers in
/// another order, so each operation has the tolerance of its rounding.
/// </summary>
[Trait("Category", "Mpi")]
public class GlobalBatchTests
{
    private const int GlobalBatch = 8, Steps = 3;

    [Fact]
    public void TwoProcesses_TrainAsOne() => RankTest.Run<GlobalBatchTests>(2, CompareAll);

    [Fact]
    public void FourProcesses_TrainAsOne() => RankTest.Run<GlobalBatchTests>(4, CompareAll);

    private static void CompareAll(ICollectives ranks)
    {
        foreach (Func<ICollectives, PretrainingMethod> create in (Func<ICollectives, PretrainingMethod>[])
            [DenseCl, MoCo, r => new Classification(Synchronised(), r)])
        {
            // What rounding differs by grows with each step; in float64 it stays far below any mistake.
            Compare(create, ranks, ScalarType.Float64, new Tolerances(1e-12, 1e-10, 1e-9, 1e-9));
            Compare(create, ranks, ScalarType.Float32, new Tolerances(1e-5, 1e-3, 1e-2, 1e-2));
        }
    }

    private static DenseCl DenseCl(ICollectives ranks) => new(
        TinyDenseCl with { Backbone = TinyDenseCl.Backbone with { Norm = SyncBatch } }, ranks, seed: 5);

    private static MoCo MoCo(ICollectives ranks) => new(
        TinyMoCo with { Backbone = TinyMoCo.Backbone with { Norm = SyncBatch } }, ranks, seed: 5);

    private static ClassificationSettings Synchronised() => new()
    {
        Backbone = TinyMoCo.Backbone with { Norm = SyncBatch },
        NumClasses = 5,
        InChannels = TinyMoCo.Backbone.FeatureChannels,
    };

    private static NormSettings SyncBatch => new() { Kind = NormKind.SyncBatch };

    private static void Compare(
        Func<ICollectives, PretrainingMethod> create, ICollectives ranks, ScalarType type, Tolerances tolerances)
    {
        Result one = Train(create, SingleProcess.Instance, type), own = Train(create, ranks, type);

        for (int step = 0; step < Steps; step++)
        {
            Near(
                one.Losses[step], own.Losses[step], step == 0 ? tolerances.Loss : tolerances.LaterLoss, $"loss of step {step}");
        }

        Near(one.Gradients, own.Gradients, tolerances.Gradient, "gradients of step 0");
        foreach (var (name, expected) in one.State)
            Near(expected, own.State[name], tolerances.State, name);
    }

    private static Result Train(Func<ICollectives, PretrainingMethod> create, ICollectives ranks, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(3);
        using PretrainingMethod method = create(ranks);
        method.Place(new PlacementSettings { Type = type });
        method.CopyFromFirstRank();
        using var sgd = new FlatSgd(method.Parameters, [new SgdGroup
        {
            Names = [.. method.Parameters.Slots.Where(s => s.Trainable).Select(s => s.Name)],
            LearningRate = 0.05,
            Momentum = 0.9,
            WeightDecay = 1e-4,
        }]);
        var losses = new double[Steps][];
        double[] gradients = [];
        for (int step = 0; step < Steps; step++)
        {
            using DisposeScope own = NewDisposeScope();
            StepResult result = method.Step(BatchOf(method, step, type), new StepContext(step));
            method.Gradients.Backward(result.Total, segments: null);
            losses[step] = [.. result.Losses.Select(l => Mean(l.Value, ranks))];
            if (step == 0)
                gradients = method.Parameters.Gradients.Doubles();

            sgd.Step();
            method.Parameters.ZeroGradients();
        }

        return new Result(losses, gradients, method.SaveState().ToDictionary(e => e.Key, e => e.Value.Doubles()));
    }

    private static PretrainingBatch BatchOf(PretrainingMethod method, int step, ScalarType type)
    {
        long count = GlobalBatch / method.Collectives.WorldSize, first = method.Collectives.Rank * count;
        using Generator generator = new(100 + (ulong)step);
        bool labelled = method is Classification;
        Tensor images = randn(
            labelled ? [GlobalBatch, 3, 64, 64] : [GlobalBatch, 2, 3, 64, 64], ScalarType.Float64, generator: generator);
        Tensor? labels = labelled ? arange(GlobalBatch).remainder(5).narrow(0, first, count) : null;
        return new PretrainingBatch(images.narrow(0, first, count).to(type), labels);
    }

    private static double Mean(Tensor loss, ICollectives ranks)
    {
        using IDisposable noGradient = no_grad();
        Tensor sum = loss.detach().clone();
        ranks.SumInPlace(sum);
        return sum.Doubles()[0] / ranks.WorldSize;
    }

    private static void Near(double[] expected, double[] found, double tolerance, string what)
    {
        double distance = TensorValues.Norm(expected) == 0
            ? TensorValues.Norm(found)
            : TensorValues.RelativeDistance(found, expected);
        Assert.True(distance <= tolerance, $"{what}: relative distance {distance:g3}, expected at most {tolerance:g3}.");
    }

    // Relative L2 distances: of the first loss, its gradients, the losses after updates, weights and statistics at the end.
    private sealed record Tolerances(double Loss, double Gradient, double LaterLoss, double State);

    private sealed record Result(double[][] Losses, double[] Gradients, Dictionary<string, double[]> State);
}
