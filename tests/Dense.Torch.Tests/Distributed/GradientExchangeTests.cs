using Dense.Detection;
using Dense.Detection.Masks;
using Dense.Distributed;
using Dense.Distributed.Gradients;
using Dense.Models.Backbones;
using Dense.Torch.Flat;
using Dense.Torch.Tests.Pretraining.Trajectories;
using Dense.Training.Detection.Loop;
using Dense.Training.Detection.Settings;
using Dense.Training.Detection.Solver;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Distributed;

/// <summary>Averaging during the backward pass gives what averaging after it gives (P-110).</summary>
[LeakCheck]
public class GradientExchangeTests
{
    [Theory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(TrajectoryTests.Cases), MemberType = typeof(TrajectoryTests))]
    public void Trajectory_HasTheSameBitsWithAndWithoutOverlap(string name)
    {
        var @case = new TrajectoryCase(name);

        TrajectoryRun[] after = TrajectoryRun.Of(@case, ScalarType.Float32, channelsLast: true);
        TrajectoryRun[] during =
            TrajectoryRun.Of(@case, ScalarType.Float32, channelsLast: true, overlaps: true);

        foreach (var (expected, found) in after.Zip(during))
            TrajectoryRun.AssertSame(expected, found);
    }

    [Fact]
    public void Parts_TravelFromTheLastToTheFirstAndTogetherHoldEveryGradient()
    {
        using DisposeScope scope = NewDisposeScope();
        using var network = new ResNet(new ResNetSettings { Depth = 18 });
        using var parameters = new FlatParameters([.. ModuleState.Parameters(network)]);
        var ranks = new Recorder(parameters);
        var exchange = new GradientExchange(parameters, ranks, network.StageParameters);
        var segments = new SegmentedBackward();

        network.Segments = segments;
        exchange.Backward(network.call(randn([2, 3, 64, 64]))[^1].sum(), segments);

        string[] expected = ["layer4", "layer3", "layer2", "conv1"];
        Assert.Equal(expected, ranks.Sums.Select(s => s.FirstName));
        Assert.All(ranks.Sums, s => Assert.True(s.IsComplete, $"{s.FirstName} was sent before it was complete."));
        Assert.Equal(parameters.Slots.Sum(s => s.Length), ranks.Sums.Sum(s => s.Trained));
    }

    [Theory]
    [InlineData("FCOS_R50_1x.yaml")]
    [InlineData("SOLOv2_R50_1x.yaml")]
    public void Detector_HasTheSameGradientsWithAndWithoutOverlap(string file)
    {
        string path = Path.Combine(RepositoryRoot.Path, "configs", "DenseCL", file);
        DetectionRunSettings settings = DetectionConfiguration.Load(path, []).Settings;

        float[][] after = ThreadedCollectives.Run(2, ranks => Gradients(settings, ranks, overlaps: false));
        float[][] during = ThreadedCollectives.Run(2, ranks => Gradients(settings, ranks, overlaps: true));

        Assert.Equal(after[0], after[1]);
        Assert.Equal(after[0], during[0]);
        Assert.Equal(after[0], during[1]);
        Assert.Contains(after[0], g => g != 0);
    }

    [Fact]
    public void OneRank_HasNothingToMark()
    {
        using var network = new ResNet(new ResNetSettings { Depth = 18 });
        using var parameters = new FlatParameters([.. ModuleState.Parameters(network)]);

        Assert.Null(new GradientExchange(parameters, SingleProcess.Instance, network.StageParameters).NewSegments());
    }

    // The first rank has an object, the second one none: their losses do not reach the same parts.
    private static float[] Gradients(DetectionRunSettings settings, ICollectives ranks, bool overlaps)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(5);
        using Detector detector = DetectorFactory.Create(settings.Detector, ranks);
        foreach (var entry in DetectorState.Entries(detector).Where(e => e.Trainable && e.Tensor.ndim > 1))
        {
            using IDisposable noGradient = no_grad();
            entry.Tensor.copy_(randn(entry.Tensor.shape, generator: random) * 0.02);
        }

        using var optimizer = new DetectionOptimizer(
            [.. DetectorState.Entries(detector).Where(e => e.Trainable)], settings.Solver);
        var exchange = new GradientExchange(optimizer.Parameters, ranks, detector.Backbone!.StageParameters);
        SegmentedBackward? segments = overlaps ? exchange.NewSegments() : null;
        detector.Backbone.Segments = segments;
        GroundTruth truth = ranks.Rank == 0 ? new GroundTruth([8, 8, 56, 56], [1], [Square()]) : GroundTruth.Empty;
        using Tensor pixels = randn([1, 3, 64, 64], generator: random) * (ranks.Rank + 1);

        Tensor total = detector.Losses(new ImageBatch(pixels, [(64, 64)]), [truth])
            .Select(l => l.Value).Aggregate((a, b) => a + b);
        exchange.Backward(total, segments);

        // Parts without gradients would be equal however they travel.
        Assert.All(
            optimizer.Parameters.Slots.GroupBy(s => string.Join('.', s.Name.Split('.')[..^2])),
            part => Assert.Contains(part, s =>
                optimizer.Parameters.Gradients.narrow(0, s.Offset, s.Length).ne(0).any().item<bool>()));
        return optimizer.Parameters.Gradients.data<float>().ToArray();
    }

    private static MaskTarget Square()
    {
        var mask = new byte[64 * 64];
        for (int y = 8; y < 56; y++)
            mask.AsSpan((64 * y) + 8, 48).Fill(1);

        return new MaskTargetBuilder(64, 64).Build(mask);
    }

    /// <summary>
    /// Notes which gradients are sent, and whether anything that is computed later still changes them.
    /// </summary>
    private sealed class Recorder(FlatParameters parameters) : ICollectives
    {
        private readonly List<(long Start, float[] Sent)> _sums = [];

        public int Rank => 0;

        public int WorldSize => 2;

        public IReadOnlyList<(string FirstName, long Trained, bool IsComplete)> Sums => [.. _sums.Select(Describe)];

        public void SumInPlace(Tensor tensor) =>
            _sums.Add((tensor.storage_offset(), tensor.data<float>().ToArray()));

        public Tensor Gather(Tensor tensor) => throw new NotSupportedException();

        public void BroadcastInPlace(Tensor tensor) => throw new NotSupportedException();

        public void Barrier() => throw new NotSupportedException();

        private (string FirstName, long Trained, bool IsComplete) Describe((long Start, float[] Sent) sum)
        {
            long end = sum.Start + sum.Sent.Length;
            FlatSlot[] slots = [.. parameters.Slots.Where(s => s.Offset >= sum.Start && s.Offset < end)];
            using Tensor averaged = parameters.Gradients.narrow(0, sum.Start, sum.Sent.Length);
            bool same = averaged.data<float>().ToArray().SequenceEqual(sum.Sent.Select(g => g / WorldSize));
            return (slots[0].Name.Split('.')[0], slots.Sum(s => s.Length), same);
        }
    }
}
