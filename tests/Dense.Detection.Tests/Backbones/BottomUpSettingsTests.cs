using Dense.Detection.Backbones;
using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Torch.Tests;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.Backbones;

[LeakCheck]
public class BottomUpSettingsTests
{
    [Fact] // M-20: a dilated res5 keeps the grid of res4, in all its blocks.
    public void Res5Dilation_TakesItsStrideAway()
    {
        using DisposeScope scope = NewDisposeScope();
        DetectorSettings settings = GoldenModels.FcosSmall;
        using var backbone = new PyramidBackbone(settings with
        {
            Backbone = settings.Backbone with { Res5Dilation = 2 },
            Pyramid = settings.Pyramid with { InFeatures = ["res3", "res4"] },
        }, SingleProcess.Instance);

        Conv2d[] convolutions =
            [.. backbone.BottomUp.named_modules().Where(m => m.name.EndsWith("conv2")).Select(m => m.module)
                .OfType<Conv2d>()];

        Assert.Equal(16, convolutions.Length);
        Assert.Equal(
            "1 1 1 2 1 1 1 2 1 1 1 1 1 1 1 1", string.Join(' ', convolutions.Select(c => c.stride![0])));
        Assert.Equal(
            "1 1 1 1 1 1 1 1 1 1 1 1 1 2 2 2", string.Join(' ', convolutions.Select(c => c.dilation![0])));
    }
}
