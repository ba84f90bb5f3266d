using Dense.Models.Layers;
using Dense.Torch.Tests.Pretraining.Trajectories;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Models;

[LeakCheck]
public class BatchNormLayerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ImageGroups_NormaliseAsSeparateDevicesWould(bool channelsLast)
    {
        using DisposeScope scope = NewDisposeScope();
        using BatchNormLayer grouped = Layer(), first = Layer(), second = Layer();
        grouped.ImageGroups = 2;
        Tensor images = randn([6L, 4, 3, 3], ScalarType.Float64, requires_grad: true);
        Tensor weights = randn([6L, 4, 3, 3], ScalarType.Float64);
        Tensor laidOut = channelsLast ? Torch.Operators.MemoryLayout.ChannelsLast(images) : images;

        // Images 0, 2, 4 are one group, 1, 3, 5 the other.
        Tensor even = tensor(new long[] { 0, 2, 4 }), odd = tensor(new long[] { 1, 3, 5 });
        Tensor y = grouped.call(laidOut);
        Tensor y0 = first.call(images.index_select(0, even)), y1 = second.call(images.index_select(0, odd));
        Tensor gradient = autograd.grad([(y * weights).sum()], [images])[0];
        Tensor separate = autograd.grad(
            [(y0 * weights.index_select(0, even)).sum() + (y1 * weights.index_select(0, odd)).sum()], [images])[0];

        Assert.True(TensorValues.Distance(y0, y.index_select(0, even)) < 1e-12);
        Assert.True(TensorValues.Distance(y1, y.index_select(0, odd)) < 1e-12);
        Assert.True(TensorValues.Distance(separate, gradient) < 1e-12);
        Assert.Equal(channelsLast, Torch.Operators.MemoryLayout.IsChannelsLast(y));
        foreach (string name in (string[])["running_mean", "running_var"])
        {
            Tensor mean = (first.get_buffer(name)! + second.get_buffer(name)!) / 2;
            Assert.True(TensorValues.Distance(mean, grouped.get_buffer(name)!) < 1e-12, name);
        }
    }

    [Fact]
    public void ImageGroups_ThatDoNotDivideTheBatchAreRefused()
    {
        using DisposeScope scope = NewDisposeScope();
        using BatchNormLayer layer = Layer();
        layer.ImageGroups = 4;

        Assert.Throws<ArgumentException>(() => layer.call(randn([6L, 4, 2, 2], ScalarType.Float64)));
    }

    [Theory] // M-30, M-31: exact for processes with batches of different size.
    [InlineData(3)]
    [InlineData(2)]
    public void Synchronised_EqualsOneProcessWithTheWholeBatch(int imagesOfFirst)
    {
        using DisposeScope scope = NewDisposeScope();
        using BatchNormLayer whole = Layer();
        Tensor images = randn([6L, 4, 3, 3], ScalarType.Float64, requires_grad: true);
        Tensor weights = randn([6L, 4, 3, 3], ScalarType.Float64);
        Tensor y = whole.call(images);
        double[] gradient = autograd.grad([(y * weights).sum()], [images])[0].Doubles();

        RankResult[] ranks = OnTwoRanks(images.Doubles(), weights.Doubles(), imagesOfFirst, BatchStatistics.AllPixels);

        Assert.True(TensorValues.Distance(y.Doubles(), [.. ranks[0].Output, .. ranks[1].Output]) < 1e-12);
        Assert.True(TensorValues.Distance(gradient, [.. ranks[0].Gradient, .. ranks[1].Gradient]) < 1e-12);
        Assert.All(ranks, r => Assert.True(
            TensorValues.Distance(whole.get_buffer("running_mean")!.Doubles(), r.Mean) < 1e-12
            && TensorValues.Distance(whole.get_buffer("running_var")!.Doubles(), r.Variance) < 1e-12));
    }

    [Fact] // M-32: v = mean of mean squares − m², every process with equal weight; the running variance is biased.
    public void NaivelySynchronised_AveragesTheProcesses()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = randn([6L, 4, 3, 3], ScalarType.Float64, requires_grad: true);
        Tensor weights = randn([6L, 4, 3, 3], ScalarType.Float64);
        Tensor[] parts = [images.narrow(0, 0, 2), images.narrow(0, 2, 4)];
        Tensor mean = (parts[0].mean([0, 2, 3]) + parts[1].mean([0, 2, 3])) / 2;
        Tensor square = (parts[0].square().mean([0, 2, 3]) + parts[1].square().mean([0, 2, 3])) / 2;
        Tensor variance = square - mean.square();
        using BatchNormLayer affine = Layer();
        Tensor y = (images - mean.view(1, 4, 1, 1)) * (variance + 1e-5).rsqrt().view(1, 4, 1, 1)
            * affine.get_parameter("weight")!.view(1, 4, 1, 1) + affine.get_parameter("bias")!.view(1, 4, 1, 1);
        double[] gradient = autograd.grad([(y * weights).sum()], [images])[0].Doubles();

        RankResult[] ranks = OnTwoRanks(images.Doubles(), weights.Doubles(), 2, BatchStatistics.AllProcesses);

        Assert.True(TensorValues.Distance(y.Doubles(), [.. ranks[0].Output, .. ranks[1].Output]) < 1e-12);
        Assert.True(TensorValues.Distance(gradient, [.. ranks[0].Gradient, .. ranks[1].Gradient]) < 1e-12);
        Assert.All(ranks, r => Assert.True(
            TensorValues.Distance((mean * 0.1).Doubles(), r.Mean) < 1e-12
            && TensorValues.Distance((variance * 0.1 + 0.9).Doubles(), r.Variance) < 1e-12));
    }

    [Theory] // M-30, M-32: with one process both are plain BatchNorm.
    [InlineData(BatchStatistics.AllPixels)]
    [InlineData(BatchStatistics.AllProcesses)]
    public void SynchronisedLayer_IsPlainBatchNormWhenAlone(BatchStatistics statistics)
    {
        using DisposeScope scope = NewDisposeScope();
        using BatchNormLayer plain = Layer(), alone = Layer(statistics);
        Tensor images = randn([6L, 4, 3, 3], ScalarType.Float64);

        Assert.Equal(plain.call(images).Doubles(), alone.call(images).Doubles());
        Assert.Equal(plain.get_buffer("running_var")!.Doubles(), alone.get_buffer("running_var")!.Doubles());
        Assert.Equal(54, alone.LastCount);
    }

    [Fact]
    public void Momentum_OfOneKeepsTheLastBatchAlone()
    {
        using DisposeScope scope = NewDisposeScope();
        using BatchNormLayer layer = Layer();
        layer.Momentum = 1;
        Tensor images = randn([6L, 4, 3, 3], ScalarType.Float64);

        layer.call(images * 7);
        layer.call(images);

        Tensor variance = images.var([0, 2, 3], unbiased: true);
        Assert.True(TensorValues.Distance(variance, layer.get_buffer("running_var")!) < 1e-12);
    }

    private static RankResult[] OnTwoRanks(
        double[] input, double[] weights, long imagesOfFirst, BatchStatistics statistics) =>
        ThreadedCollectives.Run(2, collectives =>
        {
            using DisposeScope own = NewDisposeScope();
            using BatchNormLayer layer = Layer(statistics);
            layer.SumOverProcesses = collectives.SumInPlace;
            long first = collectives.Rank == 0 ? 0 : imagesOfFirst;
            long count = collectives.Rank == 0 ? imagesOfFirst : 6 - imagesOfFirst;
            Tensor Part(double[] all) => tensor(all).view(6, 4, 3, 3).narrow(0, first, count).clone();
            Tensor part = Part(input).requires_grad_();
            Tensor output = layer.call(part);
            Tensor slope = autograd.grad([(output * Part(weights)).sum()], [part])[0];
            return new RankResult(
                output.Doubles(),
                slope.Doubles(),
                layer.get_buffer("running_mean")!.Doubles(),
                layer.get_buffer("running_var")!.Doubles());
        });

    private static BatchNormLayer Layer(BatchStatistics statistics = BatchStatistics.Process)
    {
        var layer = new BatchNormLayer(4, statistics: statistics);
        layer.to(ScalarType.Float64);
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        layer.get_parameter("weight")!.copy_(tensor(new[] { 1.0, 2, 0.5, -1 }));
        layer.get_parameter("bias")!.copy_(tensor(new[] { 0.1, 0, -2, 1 }));
        return layer;
    }

    private sealed record RankResult(double[] Output, double[] Gradient, double[] Mean, double[] Variance);
}
