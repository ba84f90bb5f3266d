using Dense.Torch.Flat;
using Dense.Torch.Operators;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Tensors;

[LeakCheck]
public class FlatParametersTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Module_ComputesTheSameAndItsGradientsLandInTheBuffer(bool channelsLast)
    {
        using DisposeScope scope = NewDisposeScope();
        using Sequential net = Net();
        Tensor images = randn([2L, 3, 6, 6]);
        double[] before = net.call(images).Doubles();
        net.call(images).square().sum().backward();
        double[][] gradients = [.. net.parameters().Select(p => p.grad!.Doubles())];

        using var flat = new FlatParameters([.. ModuleState.Parameters(net)], channelsLast);
        net.call(images).square().sum().backward();
        net.call(images).square().sum().backward(); // Adds up, in place.

        Assert.True(TensorValues.Distance(before, net.call(images).Doubles()) < 1e-5);
        Assert.Equal(channelsLast, MemoryLayout.IsChannelsLast(net.parameters().First()));
        foreach (var (slot, expected) in flat.Slots.Zip(gradients))
        {
            double[] ours = flat.View(flat.Gradients, slot).Doubles();
            Assert.True(TensorValues.RelativeDistance(ours, [.. expected.Select(g => 2 * g)]) < 1e-5, slot.Name);
            Assert.Equal(0, slot.Offset % 16);
        }

        flat.ZeroGradients();
        Assert.Equal(0, flat.GradientNorm().item<float>());
    }

    [Fact]
    public void Optimiser_EqualsTheFrameworksOwnWithinRounding()
    {
        const int Steps = 5;
        const double Float32Rounding = 1.2e-7; // One unit in the last place of numbers between 1 and 2.
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(1);
        using Sequential ours = Net(), theirs = Net();
        foreach (var (a, b) in ours.parameters().Zip(theirs.parameters()))
        {
            using IDisposable noGradient = no_grad();
            b.copy_(a);
        }

        using var flat = new FlatParameters([.. ModuleState.Parameters(ours)]);
        using var sgd = new FlatSgd(flat, [Group(flat.Slots.Select(s => s.Name), 0.1)]);
        using var reference = optim.SGD(theirs.parameters(), 0.1, momentum: 0.9, weight_decay: 1e-4);

        for (int step = 0; step < Steps; step++)
        {
            // The same gradients for both: a convolution's own may differ in the last bit with where its tensors lie.
            foreach (var (a, b) in ours.parameters().Zip(theirs.parameters()))
            {
                Tensor gradient = randn_like(a).detach();
                a.grad!.copy_(gradient);
                b.grad = gradient;
            }

            sgd.Step();
            reference.step();
        }

        // The fused kernel contracts product and sum where it works on whole vectors, the framework's own does not.
        Assert.All(ours.parameters().Zip(theirs.parameters()), p =>
            Assert.True(TensorValues.Distance(p.Second.Doubles(), p.First.Doubles()) <= Steps * Float32Rounding));
    }

    [Fact]
    public void Groups_HaveTheirOwnSettingsAndFrozenParametersStay()
    {
        using DisposeScope scope = NewDisposeScope();
        using Sequential net = Net();
        net.children().First().get_parameter("bias")!.requires_grad_(false);
        using var flat = new FlatParameters([.. ModuleState.Parameters(net)]);
        using var sgd = new FlatSgd(flat, [Group(["0.weight"], 0.5), Group(["1.weight", "1.bias"], 0.25)]);
        double[] before = flat.Values.Doubles();
        flat.Gradients.fill_(1);

        sgd.Groups[0].Momentum = 0;
        sgd.Groups[0].WeightDecay = sgd.Groups[1].WeightDecay = 0;
        sgd.Step();

        double[] after = flat.Values.Doubles();
        double Change(string name) => after[flat[name].Offset] - before[flat[name].Offset];
        Assert.Equal(-0.5, Change("0.weight"), 1e-6);
        Assert.Equal(0, Change("0.bias"));
        Assert.Equal(-0.25, Change("1.weight"), 1e-6);
        Assert.Equal(["0.weight", "1.weight", "1.bias"], sgd.MomentumBySlot().Select(m => m.Slot.Name));
    }

    [Fact]
    public void Nesterov_LooksAhead()
    {
        using DisposeScope scope = NewDisposeScope();
        using Sequential net = Net();
        using var flat = new FlatParameters([.. ModuleState.Parameters(net)]);
        SgdGroup group = Group(flat.Slots.Select(s => s.Name), 1);
        group.WeightDecay = 0;
        group.Nesterov = true;
        using var sgd = new FlatSgd(flat, [group]);
        double[] before = flat.Values.Doubles();
        flat.Gradients.fill_(1);

        sgd.Step(); // p − (d + 0.9·b) with b = d = 1.

        Assert.Equal(before[0] - 1.9, flat.Values.Doubles()[0], 1e-6);
    }

    [Theory]
    [InlineData("0.weight 0.bias 1.weight", "1.bias")]
    [InlineData("0.weight 0.bias 1.weight 1.bias 2.weight", "2.weight")]
    [InlineData("0.weight 0.weight 0.bias 1.weight 1.bias", "twice")]
    public void Optimiser_RefusesGroupsThatDoNotCoverEachParameterOnce(string names, string expected)
    {
        using DisposeScope scope = NewDisposeScope();
        using Sequential net = Net();
        using var flat = new FlatParameters([.. ModuleState.Parameters(net)]);

        var error = Assert.Throws<ArgumentException>(() => new FlatSgd(flat, [Group(names.Split(' '), 0.1)]));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Clipping_ScalesOnlyWhatIsTooLong()
    {
        using DisposeScope scope = NewDisposeScope();
        using Sequential net = Net();
        using var flat = new FlatParameters([.. ModuleState.Parameters(net)]);
        flat.View(flat.Gradients, flat["1.bias"]).fill_(2); // Four values: norm 4.

        flat.ClipGradients(flat.GradientNorm(), 5);
        Assert.Equal(4, flat.GradientNorm().item<float>(), 1e-6);
        flat.ClipGradients(flat.GradientNorm(), 1);
        Assert.Equal(1, flat.GradientNorm().item<float>(), 1e-5);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void GradientNorm_ShowsASingleBadValue(double value)
    {
        using DisposeScope scope = NewDisposeScope();
        using Sequential net = Net();
        using var flat = new FlatParameters([.. ModuleState.Parameters(net)]);
        flat.View(flat.Gradients, flat["1.bias"])[0].fill_(value);

        Assert.False(float.IsFinite(flat.GradientNorm().item<float>()));
    }

    private static Sequential Net() => nn.Sequential(nn.Conv2d(3, 5, 3), nn.Conv2d(5, 4, 2));

    private static SgdGroup Group(IEnumerable<string> names, double learningRate) =>
        new() { Names = [.. names], LearningRate = learningRate };
}
