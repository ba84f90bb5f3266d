using Dense.Models.Backbones;
using Dense.Models.Layers;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Models;

[LeakCheck]
public class ResNetTests
{
    [Theory] // The table of P-59.
    [InlineData(18, 512, 120, 60, 11_176_512)]
    [InlineData(34, 512, 216, 108, 21_284_672)]
    [InlineData(50, 2048, 318, 159, 23_508_032)]
    [InlineData(101, 2048, 624, 312, 42_500_160)]
    [InlineData(152, 2048, 930, 465, 58_143_808)]
    public void Sizes_AreThePublishedOnes(int depth, int channels, int entries, int parameters, long numbers)
    {
        using DisposeScope scope = NewDisposeScope();
        var settings = new ResNetSettings { Depth = depth };
        using var net = new ResNet(settings);

        Assert.Equal(channels, settings.FeatureChannels);
        Assert.Equal(entries, ModuleState.Tensors(net).Count());
        Assert.Equal(parameters, ModuleState.Parameters(net).Count());
        Assert.Equal(numbers, ModuleState.Parameters(net).Sum(p => p.Parameter.numel()));
    }

    [Fact] // P-58.
    public void Names_AreTorchvisionsInStateOrder()
    {
        using DisposeScope scope = NewDisposeScope();
        using var net = new ResNet(new ResNetSettings { Depth = 18 });
        string[] norm = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"];
        List<string> expected = ["conv1.weight", .. norm.Select(n => $"bn1.{n}")];
        foreach (string block in (string[])["1.0", "1.1", "2.0", "2.1", "3.0", "3.1", "4.0", "4.1"])
        {
            expected.AddRange([$"layer{block}.conv1.weight", .. norm.Select(n => $"layer{block}.bn1.{n}")]);
            expected.AddRange([$"layer{block}.conv2.weight", .. norm.Select(n => $"layer{block}.bn2.{n}")]);
            if (block is "2.0" or "3.0" or "4.0")
            {
                expected.AddRange(
                    [$"layer{block}.downsample.0.weight", .. norm.Select(n => $"layer{block}.downsample.1.{n}")]);
            }
        }

        Assert.Equal(expected, ModuleState.Tensors(net).Select(e => e.Name));
    }

    [Fact]
    public void Bottlenecks_HaveThreeConvolutionsAndAShortcutInEveryStage()
    {
        using DisposeScope scope = NewDisposeScope();
        using var net = new ResNet(new ResNetSettings { Depth = 50, NumStages = 1, OutIndices = [1] });

        Assert.Equal(
            ["layer1.0.conv1.weight", "layer1.0.conv2.weight", "layer1.0.conv3.weight", "layer1.0.downsample.0.weight",
                "layer1.1.conv1.weight"],
            ModuleState.Tensors(net).Where(e => e.Tensor.ndim == 4).Skip(1).Take(5).Select(e => e.Name));
    }

    [Fact] // P-55.
    public void Outputs_HaveTheShapesOfTheirStages()
    {
        using DisposeScope scope = NewDisposeScope();
        using var net = new ResNet(new ResNetSettings { Depth = 50, BaseWidth = 8 });

        Tensor[] outputs = net.call(randn([1L, 3, 224, 224]));

        Assert.Equal(
            ["1 8 112 112", "1 32 56 56", "1 64 28 28", "1 128 14 14", "1 256 7 7"],
            outputs.Select(o => string.Join(' ', o.shape)));
    }

    [Theory]
    [InlineData(ConvolutionStyle.Pytorch, 1, 2)]
    [InlineData(ConvolutionStyle.Caffe, 2, 1)]
    public void Style_PlacesTheStrideOfABottleneck(ConvolutionStyle style, long first, long second)
    {
        using DisposeScope scope = NewDisposeScope();
        using var net = new ResNet(
            new ResNetSettings { Depth = 50, NumStages = 2, OutIndices = [2], Style = style, BaseWidth = 8 });
        nn.Module block = net.named_modules().First(m => m.name == "layer2.0").module;

        long Stride(string name) => ((Conv2d)block.named_children().First(c => c.name == name).module).stride![0];
        Assert.Equal(first, Stride("conv1"));
        Assert.Equal(second, Stride("conv2"));
        Assert.Equal([1L, 64, 4, 4], net.call(randn([1L, 3, 32, 32]))[0].shape);
    }

    [Fact]
    public void Dilation_KeepsTheGridWhereTheStrideIsTakenAway()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (int depth in (int[])[18, 50])
        {
            using var net = new ResNet(new ResNetSettings
            {
                Depth = depth,
                BaseWidth = 8,
                Strides = [1, 2, 1, 1],
                Dilations = [1, 1, 2, 4],
                OutIndices = [4],
            });

            Assert.Equal([8L, 8], net.call(randn([1L, 3, 64, 64]))[0].shape[2..]);
        }
    }

    [Fact] // P-68: fan-in, measured 0.117 and 0.1785 for the first two.
    public void Initialisation_IsNormalByFanIn()
    {
        using DisposeScope scope = NewDisposeScope();
        using var net = new ResNet(new ResNetSettings { Depth = 50, NumStages = 1, OutIndices = [1] });
        Dictionary<string, Tensor> state = ModuleState.Tensors(net).ToDictionary(e => e.Name, e => e.Tensor);

        Assert.Equal(0.1166, state["conv1.weight"].std().item<float>(), 0.004);
        Assert.Equal(0.1768, state["layer1.0.conv1.weight"].std().item<float>(), 0.008);
        Assert.Equal(Math.Sqrt(2.0 / 576), state["layer1.0.conv2.weight"].std().item<float>(), 0.002);
        Assert.All(state["layer1.0.bn3.weight"].Doubles(), w => Assert.Equal(1, w));
    }

    [Theory]
    [InlineData(18, "bn2")]
    [InlineData(50, "bn3")]
    public void ZeroInitResidual_StartsEachBlockAsItsShortcut(int depth, string last)
    {
        using DisposeScope scope = NewDisposeScope();
        using var net = new ResNet(new ResNetSettings { Depth = depth, BaseWidth = 8, ZeroInitResidual = true });

        Assert.All(
            ModuleState.Tensors(net).Where(e => e.Name.EndsWith($"{last}.weight", StringComparison.Ordinal)),
            e => Assert.All(e.Tensor.Doubles(), w => Assert.Equal(0, w)));
    }

    [Fact] // P-62.
    public void FrozenStages_NeitherLearnNorUpdateStatistics()
    {
        using DisposeScope scope = NewDisposeScope();
        using var net = new ResNet(new ResNetSettings { Depth = 18, BaseWidth = 8, FrozenStages = 2 });
        net.eval();
        net.train();
        Dictionary<string, double[]> before = ModuleState.Tensors(net)
            .ToDictionary(e => e.Name, e => e.Tensor.Doubles());

        net.call(randn([2L, 3, 32, 32]))[^1].sum().backward();

        foreach (var (name, value) in ModuleState.Tensors(net))
        {
            bool frozen = name[0] is 'c' or 'b' || name.StartsWith("layer1", StringComparison.Ordinal)
                || name.StartsWith("layer2", StringComparison.Ordinal);
            if (name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                Assert.Equal(frozen ? 0 : 1, value.item<long>());
            else if (frozen || !name.Contains("running", StringComparison.Ordinal))
                Assert.Equal(before[name], value.Doubles());
            else
                Assert.NotEqual(before[name], value.Doubles());
        }

        Assert.All(
            ModuleState.Parameters(net),
            p => Assert.Equal(p.Name.StartsWith("layer3", StringComparison.Ordinal) ||
                p.Name.StartsWith("layer4", StringComparison.Ordinal), p.Trainable));
    }

    [Fact] // P-63.
    public void NormEval_KeepsStatisticsAndLetsAffineParametersLearn()
    {
        using DisposeScope scope = NewDisposeScope();
        using var net = new ResNet(new ResNetSettings { Depth = 18, BaseWidth = 8, NormEval = true });
        net.train();

        net.call(randn([2L, 3, 32, 32]))[^1].sum().backward();

        Assert.All(
            ModuleState.Tensors(net).Where(e => e.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal)),
            e => Assert.Equal(0, e.Tensor.item<long>()));
        Assert.All(ModuleState.Parameters(net), p => Assert.True(p.Trainable));
    }

    [Fact] // P-60.
    public void GroupNorm_IsNamedGn()
    {
        using DisposeScope scope = NewDisposeScope();
        using var net = new ResNet(new ResNetSettings
        {
            Depth = 18,
            BaseWidth = 8,
            NumStages = 2,
            OutIndices = [2],
            Norm = new NormSettings { Kind = NormKind.Group, Groups = 4, Trainable = false },
        });

        Assert.Equal(
            ["gn1.weight", "gn1.bias", "layer1.0.gn1.weight"],
            ModuleState.Parameters(net).Where(p => p.Name.Contains("gn1", StringComparison.Ordinal)).Take(3)
                .Select(p => p.Name));
        Assert.All(
            ModuleState.Parameters(net).Where(p => p.Name.Contains("gn", StringComparison.Ordinal)),
            p => Assert.False(p.Trainable));
        Assert.Equal([2L, 16, 4, 4], net.call(randn([2L, 3, 32, 32]))[0].shape);
    }

    [Fact]
    public void Checkpointing_GivesTheSameGradientsAndStatistics()
    {
        using DisposeScope scope = NewDisposeScope();
        var settings = new ResNetSettings { Depth = 50, BaseWidth = 8, OutIndices = [4] };
        using var plain = new ResNet(settings);
        using var recomputed = new ResNet(settings with { WithCheckpointing = true });
        foreach (var (a, b) in ModuleState.Tensors(plain).Zip(ModuleState.Tensors(recomputed)))
        {
            using IDisposable noGradient = no_grad();
            b.Tensor.copy_(a.Tensor);
        }

        Tensor images = randn([2L, 3, 32, 32]);
        plain.call(images)[0].square().sum().backward();
        recomputed.call(images)[0].square().sum().backward();

        Assert.All(
            ModuleState.Tensors(plain).Zip(ModuleState.Tensors(recomputed)),
            p => Assert.Equal(p.First.Tensor.Doubles(), p.Second.Tensor.Doubles()));
        Assert.All(
            plain.parameters().Zip(recomputed.parameters()),
            p => Assert.Equal(p.First.grad!.Doubles(), p.Second.grad!.Doubles()));
    }

    [Fact]
    public void Settings_ReportEveryProblemAtOnce()
    {
        var settings = new ResNetSettings
        {
            Depth = 20,
            InChannels = 0,
            NumStages = 5,
            Strides = [1],
            Dilations = [0, 1, 1, 1],
            OutIndices = [7],
            FrozenStages = 9,
            BaseWidth = 0,
        };

        Assert.Equal(8, settings.Problems().Count());
        Assert.Contains("20", Assert.Throws<ArgumentException>(() => new ResNet(settings)).Message);
        Assert.Empty(new ResNetSettings().Problems());
    }
}
