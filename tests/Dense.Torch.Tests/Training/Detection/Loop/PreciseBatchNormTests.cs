using Dense.Detection;
using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Torch.Tests.Pretraining.Trajectories;
using Dense.Torch.Tests.Tensors;
using Dense.Training.Detection.Loop;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Training.Detection.Loop;

[LeakCheck]
public class PreciseBatchNormTests
{
    // The population over all batches, of different sizes, at once in float64.
    [Fact]
    public void Statistics_AreThoseOfAllBatchesTogether()
    {
        using var scope = NewDisposeScope();
        using var detector = new ToyDetector();
        Tensor[] images = Batches();
        Tensor all = cat([.. images.Select(x => Channels(detector, x))], 1);
        double[] before = detector.state_dict()["head.weight"].Doubles();
        int next = 0;

        new PreciseBatchNorm(detector, SingleProcess.Instance).Run(() => Input(images[next++]), images.Length);

        Assert.InRange(TensorValues.Distance(all.mean([1]), Statistic(detector, "norm.running_mean")), 0, 1e-5);
        Assert.InRange(
            TensorValues.Distance(all.var(1, unbiased: false), Statistic(detector, "norm.running_var")), 0, 1e-4);
        Assert.Equal(0.1, detector.Norm.Momentum);
        Assert.Equal(3, Statistic(detector, "norm.num_batches_tracked").item<long>());
        Assert.Equal(before, detector.state_dict()["head.weight"].Doubles());
    }

    [Fact]
    public void Statistics_AreThePlainAveragesOfTheBatchesWhenAsked()
    {
        using var scope = NewDisposeScope();
        var old = new DetectorSettings { Compatibility = new() { UnweightedPreciseBatchNorm = true } };
        using var detector = new ToyDetector(settings: old);
        Tensor[] images = Batches();
        Tensor[] each = [.. images.Select(x => Channels(detector, x))];
        int next = 0;

        new PreciseBatchNorm(detector, SingleProcess.Instance).Run(() => Input(images[next++]), images.Length);

        Tensor mean = stack(each.Select(x => x.mean([1]))).mean([0]);
        Tensor variance = stack(each.Select(x => x.var(1, unbiased: true))).mean([0]);
        Assert.InRange(TensorValues.Distance(mean, Statistic(detector, "norm.running_mean")), 0, 1e-5);
        Assert.InRange(TensorValues.Distance(variance, Statistic(detector, "norm.running_var")), 0, 1e-4);
    }

    // KF-29: batches of two ranks, each of two sizes. Every batch has the statistics of both ranks' pixels.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void StatisticsOfTwoRanks_AreWeighedByThePixelsOfBothUnlessAsked(bool localCounts)
    {
        using var scope = NewDisposeScope();
        Tensor[][] images = [Batches()[..2], Batches()[1..]];
        using var same = new ToyDetector();
        Tensor[] joint =
            [.. Enumerable.Range(0, 2).Select(b => cat([.. images.Select(own => Channels(same, own[b]))], 1))];

        double[][] found = ThreadedCollectives.Run(2, ranks => MeansOf(images[ranks.Rank], same, localCounts, ranks));

        for (int rank = 0; rank < 2; rank++)
        {
            double[] weights = [.. joint.Select(
                (both, b) => (localCounts ? Channels(same, images[rank][b]) : both).shape[1])];
            Tensor expected =
                (joint[0].mean([1]) * weights[0] + joint[1].mean([1]) * weights[1]) / weights.Sum();
            Assert.InRange(TensorValues.Distance(expected, tensor(found[rank])), 0, 1e-5);
        }

        Assert.Equal(localCounts, TensorValues.Distance(tensor(found[0]), tensor(found[1])) > 1e-2);
    }

    private static double[] MeansOf(Tensor[] images, ToyDetector weights, bool localCounts, ICollectives ranks)
    {
        using var scope = NewDisposeScope();
        var settings = new DetectorSettings { Compatibility = new() { LocalPreciseBatchNormCounts = localCounts } };
        using var detector = new ToyDetector(settings: settings, ranks: ranks);
        detector.load_state_dict(weights.state_dict());
        int next = 0;

        new PreciseBatchNorm(detector, ranks).Run(() => Input(images[next++]), images.Length);

        return Statistic(detector, "norm.running_mean").Doubles();
    }

    [Fact]
    public void Statistics_OfAConstantChannelHaveNoNegativeVariance()
    {
        using var scope = NewDisposeScope();
        using var detector = new ToyDetector();
        int next = 0;

        new PreciseBatchNorm(detector, SingleProcess.Instance)
            .Run(() => Input(full([1, 3, 32, 32], 1000f + 1e-3f * next++)), 20);

        Assert.All(Statistic(detector, "norm.running_var").Doubles(), v => Assert.InRange(v, 0, 1e-2));
    }

    [Fact]
    public void DataThatEndEarly_AreAnError()
    {
        using var scope = NewDisposeScope();
        using var detector = new ToyDetector();

        var e = Assert.Throws<InvalidOperationException>(() =>
            new PreciseBatchNorm(detector, SingleProcess.Instance).Run(() => null, 5));

        Assert.Contains("after 0 of 5", e.Message);
        Assert.Equal(0.1, detector.Norm.Momentum);
    }

    // M-128.
    [Fact]
    public void LayerThatIsUsedTwiceInAPass_IsAnError()
    {
        using var scope = NewDisposeScope();
        using var detector = new ToyDetector { NormUses = 2 };

        var e = Assert.Throws<InvalidOperationException>(() =>
            new PreciseBatchNorm(detector, SingleProcess.Instance).Run(() => Input(ones(1, 3, 32, 32)), 2));

        Assert.Contains("more than once", e.Message);
        Assert.All(Statistic(detector, "norm.running_mean").Doubles(), v => Assert.NotEqual(double.NaN, v));
    }

    [Fact]
    public void LayersInEvaluationMode_AreLeftAlone()
    {
        using var scope = NewDisposeScope();
        using var detector = new ToyDetector();
        detector.eval();

        Assert.Equal(0, new PreciseBatchNorm(detector, SingleProcess.Instance).LayerCount);
    }

    // Of different sizes and different statistics.
    private static Tensor[] Batches()
    {
        (long, long)[] sizes = [(2, 32), (1, 40), (3, 32)];
        return [.. sizes.Select(
            (s, i) => { random.manual_seed(i); return randn(s.Item1, 3, 32, s.Item2) * (i + 1) + i; })];
    }

    // What the norm layer sees, 4×values, in float64.
    private static Tensor Channels(ToyDetector detector, Tensor images)
    {
        Tensor weights = detector.state_dict()["conv.weight"].to(float64);
        Tensor bias = detector.state_dict()["conv.bias"].to(float64);
        return nn.functional.conv2d(images.to(float64), weights, bias).permute(1, 0, 2, 3).reshape(4, -1);
    }

    private static Tensor Statistic(ToyDetector detector, string name) => detector.state_dict()[name];

    private static (ImageBatch, IReadOnlyList<GroundTruth>)? Input(Tensor pixels) => (
        new ImageBatch(
            pixels.alias(), [.. Enumerable.Range(0, (int)pixels.shape[0]).Select(_ => (32, (int)pixels.shape[3]))]),
        [.. Enumerable.Range(0, (int)pixels.shape[0]).Select(_ => GroundTruth.Empty)]);
}
