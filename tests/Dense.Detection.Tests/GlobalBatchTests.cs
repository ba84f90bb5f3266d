using Dense.Detection.Masks;
using Dense.Detection.Settings;
using Dense.Detection.SoloV2;
using Dense.Distributed;
using Dense.Distributed.Gradients;
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
/// R13: several processes train a detector as one with the global batch, with SyncBN, FCOS always and SOLOv2 when its
/// losses are normalised over ranks (KF-15). The ranks' images have different numbers of objects, one has none.
/// </summary>
[Trait("Category", "Mpi")]
public class GlobalBatchTests
{
    private const int Images = 4, Side = 96;

    [Fact]
    public void TwoProcesses_TrainFcosAsOne() => RankTest.Run<GlobalBatchTests>(2, r => Compare(Fcos, r));

    [Fact]
    public void FourProcesses_TrainFcosAsOne() => RankTest.Run<GlobalBatchTests>(4, r => Compare(Fcos, r));

    [Fact]
    public void TwoProcesses_TrainSoloV2AsOne() => RankTest.Run<GlobalBatchTests>(2, r => Compare(SoloV2, r));

    [Fact]
    public void FourProcesses_TrainSoloV2AsOne() => RankTest.Run<GlobalBatchTests>(4, r => Compare(SoloV2, r));

    private static FcosDetector Fcos(ICollectives ranks) =>
        new(GoldenModels.Synchronised(GoldenModels.FcosSmall), ranks);

    private static SoloV2Detector SoloV2(ICollectives ranks)
    {
        DetectorSettings settings = GoldenModels.Synchronised(GoldenModels.SoloSmall);
        var options = new SoloOptions { NormaliseOverRanks = true };
        return new SoloV2Detector(settings with { SoloV2 = settings.SoloV2 with { Options = options } }, ranks);
    }

    private static void Compare(Func<ICollectives, Detector> create, ICollectives ranks)
    {
        // What rounding differs by grows with each step: in float64 it stays far below any mistake, in float32 it does
        // not.
        Compare(create, ranks, ScalarType.Float64, steps: 3, new GlobalBatch.Tolerances(1e-12, 1e-9, 1e-9, 1e-7));
        Compare(create, ranks, ScalarType.Float32, steps: 1, new GlobalBatch.Tolerances(1e-5, 5e-2, 0, 5e-2));
    }

    private static void Compare(
        Func<ICollectives, Detector> create,
        ICollectives ranks,
        ScalarType type,
        int steps,
        GlobalBatch.Tolerances tolerances) => GlobalBatch.Compare(
            Train(create, SingleProcess.Instance, type, steps), Train(create, ranks, type, steps), tolerances);

    private static GlobalBatch.Result Train(
        Func<ICollectives, Detector> create, ICollectives ranks, ScalarType type, int steps)
    {
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(3);
        using Detector detector = create(ranks);
        detector.to(type);
        detector.train();
        DetectorEntry[] entries = [.. DetectorState.Entries(detector).Where(e => e.Trainable)];
        using var parameters = new FlatParameters(
            [.. entries.Select(e => new NamedParameter(e.Name, (Parameter)e.Tensor))]);
        using var sgd = new FlatSgd(
            parameters,
            [
                new SgdGroup
                {
                    Names = [.. entries.Select(e => e.Name)],
                    LearningRate = 0.01,
                    WeightDecay = 1e-4,
                },
            ]);
        var exchange = new GradientExchange(parameters, ranks, detector.Backbone!.StageParameters);
        return GlobalBatch.Train(steps, parameters, sgd, _ => Step(detector, exchange, ranks, type), () =>
            DetectorState.Entries(detector).ToDictionary(e => e.Name, e => e.Tensor.Doubles()));
    }

    private static double[] Step(Detector detector, GradientExchange exchange, ICollectives ranks, ScalarType type)
    {
        int count = Images / ranks.WorldSize;
        int[] own = [.. Enumerable.Range(ranks.Rank * count, count)];
        using ImageBatch batch = ImageBatching.Create([.. own.Select(i => ImageOf(i).to(type))], detector.Settings);
        IReadOnlyList<NamedLoss> losses = detector.Losses(batch, [.. own.Select(TruthOf)]);
        exchange.Backward(losses.Select(l => l.Value).Aggregate((a, b) => a + b), segments: null);
        return GlobalBatch.Means(losses.Select(l => l.Value), ranks);
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
        [
            .. Enumerable.Range(0, image)
                .Select(o => (8 + (12 * o), 5 + (7 * image), 30 + (9 * o), 40 + (5 * image))),
        ];
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
}
