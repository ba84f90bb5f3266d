using Dense.Detection.Masks;
using Dense.Detection.Settings;
using Dense.Detection.SoloV2;
using Dense.Distributed;
using Dense.Torch;
using Dense.Torch.Flat;
using Dense.Torch.Tests.Ranks;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using FcosDetector = Dense.Detection.Fcos.Fcos;

namespace Dense.Detection.Tests;

/// <summary>
/// R13: several processes train a detector as one with the global batch, with SyncBN, FCOS always and SOLOv2 when its losses
/// are normalised over ranks (KF-15). The ranks' images have different numbers of objects, one has none.
/// </summary>
[Trait("Category", "Mpi")]
public class GlobalBatchTests
{
    private const int GlobalBatch = 4, Side = 96;

    [Fact]
    public void TwoProcesses_TrainFcosAsOne() => RankTest.Run<GlobalBatchTests>(2, r => Compare(Fcos, r));

    [Fact]
    public void FourProcesses_TrainFcosAsOne() => RankTest.Run<GlobalBatchTests>(4, r => Compare(Fcos, r));

    [Fact]
    public void TwoProcesses_TrainSoloV2AsOne() => RankTest.Run<GlobalBatchTests>(2, r => Compare(SoloV2, r));

    [Fact]
    public void FourProcesses_TrainSoloV2AsOne() => RankTest.Run<GlobalBatchTests>(4, r => Compare(SoloV2, r));

    private static FcosDetector Fcos(ICollectives ranks) => new(GoldenModels.Synchronised(GoldenModels.FcosSmall), ranks);

    private static SoloV2Detector SoloV2(ICollectives ranks)
    {
        DetectorSettings settings = GoldenModels.Synchronised(GoldenModels.SoloSmall);
        var options = new SoloOptions { NormaliseOverRanks = true };
        return new SoloV2Detector(settings with { SoloV2 = settings.SoloV2 with { Options = options } }, ranks);
    }

    private static void Compare(Func<ICollectives, Detector> create, ICollectives ranks)
    {
        // What rounding differs by grows with each step: in float64 it stays far below any mistake, in float32 it does not.
        Compare(create, ranks, ScalarType.Float64, steps: 3, new Tolerances(1e-12, 1e-9, 1e-9, 1e-7));
        Compare(create, ranks, ScalarType.Float32, steps: 1, new Tolerances(1e-5, 5e-2, 0, 5e-2));
    }

    private static void Compare(
        Func<ICollectives, Detector> create, ICollectives ranks, ScalarType type, int steps, Tolerances tolerances)
    {
        Result one = Train(create, SingleProcess.Instance, type, steps), own = Train(create, ranks, type, steps);

        for (int step = 0; step < steps; step++)
            Near(one.Losses[step], own.Losses[step], step == 0 ? tolerances.Loss : tolerances.LaterLoss, $"losses of step {step}");

        Near(one.Gradients, own.Gradients, tolerances.Gradient, "gradients of step 0");
        foreach (var (name, expected) in one.State)
            Near(expected, own.State[name], tolerances.State, name);
    }

    private static Result Train(Func<ICollectives, Detector> create, ICollectives ranks, ScalarType type, int steps)
    {
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(3);
        using Detector detector = create(ranks);
        detector.to(type);
        detector.train();
        DetectorEntry[] entries = [.. DetectorState.Entries(detector).Where(e => e.Trainable)];
        using var parameters = new FlatParameters([.. entries.Select(e => new NamedParameter(e.Name, (Parameter)e.Tensor))]);
        using var sgd = new FlatSgd(
            parameters, [new SgdGroup { Names = [.. entries.Select(e => e.Name)], LearningRate = 0.01, WeightDecay = 1e-4 }]);
        var losses = new double[steps][];
        double[] gradients = [];
        for (int step = 0; step < steps; step++)
        {
            using DisposeScope own = NewDisposeScope();
            losses[step] = Backward(detector, ranks, type);
            ranks.SumInPlace(parameters.Gradients);
            parameters.Gradients.div_(ranks.WorldSize);
            if (step == 0)
                gradients = parameters.Gradients.Doubles();

            sgd.Step();
            parameters.ZeroGradients();
        }

        return new Result(
            losses, gradients, DetectorState.Entries(detector).ToDictionary(e => e.Name, e => e.Tensor.Doubles()));
    }

    // The losses, averaged over ranks.
    private static double[] Backward(Detector detector, ICollectives ranks, ScalarType type)
    {
        int count = GlobalBatch / ranks.WorldSize;
        int[] own = [.. Enumerable.Range(ranks.Rank * count, count)];
        using ImageBatch batch = ImageBatching.Create([.. own.Select(i => ImageOf(i).to(type))], detector.Settings);
        IReadOnlyList<NamedLoss> losses = detector.Losses(batch, [.. own.Select(TruthOf)]);
        losses.Select(l => l.Value).Aggregate((a, b) => a + b).backward();
        using Tensor values = stack([.. losses.Select(l => l.Value.detach())]);
        ranks.SumInPlace(values);
        return [.. values.Doubles().Select(v => v / ranks.WorldSize)];
    }

    private static Tensor ImageOf(int image)
    {
        using Generator generator = new(100 + (ulong)image);
        return randint(0, 256, [3, Side, Side], ScalarType.Float64, generator: generator);
    }

    // Image i has i rectangles.
    private static GroundTruth TruthOf(int image)
    {
        (int X, int Y, int Width, int Height)[] objects =
            [.. Enumerable.Range(0, image).Select(o => (8 + (12 * o), 5 + (7 * image), 30 + (9 * o), 40 + (5 * image)))];
        var builder = new MaskTargetBuilder(Side, Side);
        return new GroundTruth(
            [.. objects.SelectMany(o => (float[])[o.X, o.Y, o.X + o.Width, o.Y + o.Height])],
            [.. objects.Select((_, o) => (5 * image) + o)],
            [.. objects.Select(o => builder.Build(Rectangle(o)))]);
    }

    private static byte[] Rectangle((int X, int Y, int Width, int Height) o)
    {
        var mask = new byte[Side * Side];
        for (int y = o.Y; y < o.Y + o.Height; y++)
            mask.AsSpan((y * Side) + o.X, o.Width).Fill(1);

        return mask;
    }

    private static void Near(double[] expected, double[] found, double tolerance, string what)
    {
        double distance = TensorValues.Norm(expected) == 0
            ? TensorValues.Norm(found)
            : TensorValues.RelativeDistance(found, expected);
        Assert.True(distance <= tolerance, $"{what}: relative distance {distance:g3}, expected at most {tolerance:g3}.");
    }

    // Relative L2 distances: of the first losses, their gradients, the losses after updates, weights and statistics at the end.
    private sealed record Tolerances(double Loss, double Gradient, double LaterLoss, double State);

    private sealed record Result(double[][] Losses, double[] Gradients, Dictionary<string, double[]> State);
}
