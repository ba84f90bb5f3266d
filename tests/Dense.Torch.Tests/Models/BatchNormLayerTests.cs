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

    [Fact]
    public void Synchronised_EqualsOneProcessWithTheWholeBatch()
    {
        using DisposeScope scope = NewDisposeScope();
        using BatchNormLayer whole = Layer();
        Tensor images = randn([6L, 4, 3, 3], ScalarType.Float64, requires_grad: true);
        Tensor weights = randn([6L, 4, 3, 3], ScalarType.Float64);
        Tensor y = whole.call(images);
        double[] gradient = autograd.grad([(y * weights).sum()], [images])[0].Doubles();
        double[] input = images.Doubles(), weight = weights.Doubles();

        (double[] Output, double[] Gradient, double[] Variance)[] ranks = ThreadedCollectives.Run(2, collectives =>
        {
            using DisposeScope own = NewDisposeScope();
            using BatchNormLayer layer = Layer(BatchStatistics.AllPixels);
            layer.SumOverProcesses = collectives.SumInPlace;
            Tensor part = tensor(input).view(6, 4, 3, 3).narrow(0, collectives.Rank * 3, 3).clone().requires_grad_();
            Tensor partWeights = tensor(weight).view(6, 4, 3, 3).narrow(0, collectives.Rank * 3, 3);
            Tensor output = layer.call(part);
            Tensor slope = autograd.grad([(output * partWeights).sum()], [part])[0];
            return (output.Doubles(), slope.Doubles(), layer.get_buffer("running_var")!.Doubles());
        });

        Assert.True(TensorValues.Distance(y.Doubles(), [.. ranks[0].Output, .. ranks[1].Output]) < 1e-12);
        Assert.True(TensorValues.Distance(gradient, [.. ranks[0].Gradient, .. ranks[1].Gradient]) < 1e-12);
        Assert.True(TensorValues.Distance(whole.get_buffer("running_var")!.Doubles(), ranks[1].Variance) < 1e-12);
    }

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
}
