using Dense.Models.Layers;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Models;

[LeakCheck]
public class FrozenBatchNormTests
{
    [Theory] // M-22, M-24.
    [InlineData(false, "weight bias running_mean running_var")]
    [InlineData(true, "weight bias running_mean running_var num_batches_tracked")]
    public void State_IsBuffersOnly(bool keepsCounter, string names)
    {
        using DisposeScope scope = NewDisposeScope();
        using var layer = new FrozenBatchNorm(4, keepsCounter: keepsCounter);

        Assert.Equal(names.Split(' '), ModuleState.Tensors(layer).Select(e => e.Name));
        Assert.Empty(layer.parameters());
    }

    [Theory] // M-28.
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    public void Output_IsScaledAndShiftedInTrainingToo(ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        using var layer = new FrozenBatchNorm(2);
        layer.get_buffer("weight")!.copy_(tensor(new[] { 2f, 3 }));
        layer.get_buffer("bias")!.copy_(tensor(new[] { 1f, -1 }));
        layer.get_buffer("running_mean")!.copy_(tensor(new[] { 0.5f, 4 }));
        layer.get_buffer("running_var")!.copy_(tensor(new[] { 4f, 0.25f }));
        layer.train();

        Tensor y = layer.call(ones([1L, 2, 1, 1], type));

        Assert.Equal(type, y.dtype);
        Assert.Equal([2 * 0.5 / Math.Sqrt(4.00001) + 1, 3 * -3 / Math.Sqrt(0.25001) - 1], y.Doubles(),
            (a, b) => Math.Abs(a - b) < (type == ScalarType.BFloat16 ? 0.1 : 1e-5));
        Assert.Equal([0.5, 4], layer.get_buffer("running_mean")!.Doubles());
    }

    [Fact] // M-23.
    public void FreshLayer_IsTheIdentity()
    {
        using DisposeScope scope = NewDisposeScope();
        using var layer = new FrozenBatchNorm(3);
        Tensor x = randn(2, 3, 4, 5);

        Assert.True(TensorValues.Distance(x, layer.call(x)) < 1e-6);
    }

    [Fact]
    public void Gradient_ReachesTheInput()
    {
        using DisposeScope scope = NewDisposeScope();
        using var layer = new FrozenBatchNorm(2);
        layer.get_buffer("weight")!.fill_(3);
        Tensor x = randn([1L, 2, 2, 2], requires_grad: true);

        layer.call(x).relu_().sum().backward();

        Assert.Equal(x.Doubles().Select(v => v > 0 ? 3.0 : 0), x.grad!.Doubles(), (a, b) => Math.Abs(a - b) < 1e-5);
    }
}
