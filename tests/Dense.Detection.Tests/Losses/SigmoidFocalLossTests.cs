using Dense.Detection.Losses;
using Dense.Torch.Tests;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.Losses;

[LeakCheck]
public sealed class SigmoidFocalLossTests
{
    [Theory]
    [InlineData(0.25, 2)]
    [InlineData(0.4, 1.5)]
    [InlineData(0.5, 0)]
    public void ValueAndGradient_EqualTheDefinition(double alpha, double gamma)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = Logits().requires_grad_(), same = Logits().requires_grad_();
        long[] positives = [0, 7, 19];

        Tensor loss = SigmoidFocalLoss.Sum(logits, tensor(positives), alpha, gamma);
        Tensor expected = ByDefinition(same, positives, alpha, gamma);
        (loss * 3).backward();
        (expected * 3).backward();

        Assert.Equal(expected.item<double>(), loss.item<double>(), 1e-10);
        Assert.InRange(TensorValues.Distance(same.grad!, logits.grad!), 0, 1e-10);
    }

    [Fact]
    public void ExtremeLogits_GiveFiniteValuesAndGradients()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = tensor([-200f, -90f, -20f, 20f, 90f, 200f, -200f, 200f], [4, 2]).requires_grad_();

        Tensor loss = SigmoidFocalLoss.Sum(logits, tensor([6L, 7L]), 0.25, 2);
        loss.backward();

        Assert.Equal(0.75 * (20 + 90 + 200) + 0.25 * 200, loss.item<float>(), 1e-3);
        Assert.All(logits.grad!.Doubles(), g => Assert.True(double.IsFinite(g)));
        Assert.Equal([0, 0, 0, 0.75, 0.75, 0.75, -0.25, 0], logits.grad!.Doubles().Select(g => Math.Round(g, 5)));
    }

    [Fact]
    public void WithoutPositives_EverythingIsBackground()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = Logits();

        Tensor loss = SigmoidFocalLoss.Sum(logits, zeros(0, ScalarType.Int64), 0.25, 2);

        Assert.Equal(ByDefinition(logits, [], 0.25, 2).item<double>(), loss.item<double>(), 1e-10);
    }

    private static Tensor Logits()
    {
        using var generator = new Generator(5);
        return randn([5, 4], ScalarType.Float64, generator: generator).mul_(3);
    }

    private static Tensor ByDefinition(Tensor z, long[] positives, double alpha, double gamma)
    {
        Tensor y = zeros_like(z);
        foreach (long i in positives)
            y.view(-1)[i] = 1.0;
        Tensor p = z.sigmoid();
        Tensor ce = z.clamp_min(0) - z * y + (-z.abs()).exp().log1p();
        Tensor pt = p * y + (1 - p) * (1 - y);
        return ((alpha * y + (1 - alpha) * (1 - y)) * ce * (1 - pt).pow(gamma)).sum();
    }
}
