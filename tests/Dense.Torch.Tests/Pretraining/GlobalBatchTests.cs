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
/// R13: several processes train as one with the global batch, where BatchNorm spans processes. Sums are the same
/// numbers in another order, so each operation has the tolerance of its rounding.
/// </summary>
[Trait("Category", "Mpi")]
public class GlobalBatchTests
{
    private const int Images = 8, Steps = 3;

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
            Compare(create, ranks, ScalarType.Float64, new GlobalBatch.Tolerances(1e-12, 1e-10, 1e-9, 1e-9));
            Compare(create, ranks, ScalarType.Float32, new GlobalBatch.Tolerances(1e-5, 1e-3, 1e-2, 1e-2));
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
        Func<ICollectives, PretrainingMethod> create,
        ICollectives ranks,
        ScalarType type,
        GlobalBatch.Tolerances tolerances) =>
        GlobalBatch.Compare(Train(create, SingleProcess.Instance, type), Train(create, ranks, type), tolerances);

    private static GlobalBatch.Result Train(
        Func<ICollectives, PretrainingMethod> create, ICollectives ranks, ScalarType type)
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
        return GlobalBatch.Train(Steps, method.Parameters, sgd, Step, () =>
            method.SaveState().ToDictionary(e => e.Key, e => e.Value.Doubles()));

        double[] Step(int step)
        {
            StepResult result = method.Step(BatchOf(method, step, type), new StepContext(step));
            method.Gradients.Backward(result.Total, segments: null);
            return GlobalBatch.Means(result.Losses.Select(l => l.Value), ranks);
        }
    }

    private static PretrainingBatch BatchOf(PretrainingMethod method, int step, ScalarType type)
    {
        long count = Images / method.Collectives.WorldSize, first = method.Collectives.Rank * count;
        using Generator generator = new(100 + (ulong)step);
        bool labelled = method is Classification;
        Tensor images = randn(
            labelled ? [Images, 3, 64, 64] : [Images, 2, 3, 64, 64], ScalarType.Float64, generator: generator);
        Tensor? labels = labelled ? arange(Images).remainder(5).narrow(0, first, count) : null;
        return new PretrainingBatch(images.narrow(0, first, count).to(type), labels);
    }
}
