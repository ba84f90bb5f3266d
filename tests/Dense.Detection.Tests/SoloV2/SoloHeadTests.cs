using Dense.Detection.Settings;
using Dense.Detection.SoloV2;
using Dense.Torch.Tests;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.SoloV2;

[LeakCheck]
public class SoloHeadTests
{
    private static readonly SoloV2Settings Narrow = new()
    {
        NumClasses = 3,
        InstanceInChannels = 32,
        InstanceChannels = 32,
        InstanceConvolutions = 2,
        NumKernels = 32,
        MaskInChannels = 32,
        MaskChannels = 32,
        NumMasks = 32,
        Grids = [5, 4, 3, 2, 2],
    };

    [Fact]
    public void HeadsWithoutNorm_HaveBiasesExceptThePredictionOfTheMaskHead()
    {
        using DisposeScope scope = NewDisposeScope();
        SoloV2Settings plain = Narrow with { Norm = DetectorNorm.None };
        using SoloInstanceHead instance = new(plain);
        using SoloMaskHead mask = new(plain);

        Assert.Equal(
            ["cate_tower.0.weight", "cate_tower.0.bias", "cate_tower.2.weight", "cate_tower.2.bias"],
            instance.state_dict().Keys.Where(k => k.StartsWith("cate_tower", StringComparison.Ordinal)));
        Assert.Equal(
            ["conv_pred.0.weight", "conv_pred.1.weight", "conv_pred.1.bias"],
            mask.state_dict().Keys.Where(k => k.StartsWith("conv_pred", StringComparison.Ordinal)));
        Assert.Contains("convs_all_levels.3.conv2.0.bias", mask.state_dict().Keys);
    }

    [Theory]
    [InlineData(true, 34)]
    [InlineData(false, 32)] // The reference fails (KF-19).
    public void KernelTower_SeesCoordinatesWhenTheyAreUsed(bool uses, long channels)
    {
        using DisposeScope scope = NewDisposeScope();
        using SoloInstanceHead head = new(Narrow with { UseCoordinates = uses });

        var (categories, kernels) = head.Run(Levels(96, 64));

        Assert.Equal(channels, head.state_dict()["kernel_tower.0.weight"].shape[1]);
        Assert.Equal(
            [[2, 3, 5, 5], [2, 3, 4, 4], [2, 3, 3, 3], [2, 3, 2, 2], [2, 3, 2, 2]],
            categories.Select(c => c.shape));
        Assert.All(kernels, k => Assert.Equal(32, k.shape[1]));
    }

    [Fact]
    public void Initialisation_IsTheReferences()
    {
        using DisposeScope scope = NewDisposeScope();
        using SoloInstanceHead head = new(Narrow);
        var state = head.state_dict();

        Assert.All(state["cate_pred.bias"].Doubles(), v => Assert.Equal(-Math.Log(99), v, 1e-6));
        Assert.All(state["kernel_pred.bias"].Doubles(), v => Assert.Equal(0, v));
        Assert.Equal(0.01, state["cate_tower.3.weight"].std().item<float>(), 1e-3);
        Assert.All(state["cate_tower.1.weight"].Doubles(), v => Assert.Equal(1, v));
        Assert.All(state["kernel_tower.4.bias"].Doubles(), v => Assert.Equal(0, v));
    }

    [Fact]
    public void MaskFeature_IsAsLargeAsTheFinestLevelAndNeverNegative()
    {
        using DisposeScope scope = NewDisposeScope();
        using SoloMaskHead head = new(Narrow);

        Tensor feature = head.Run(Levels(96, 64)[..4]);

        Assert.Equal([2, 32, 24, 16], feature.shape);
        Assert.True(feature.min().item<float>() >= 0);
    }

    [Fact]
    public void Coordinates_RunFromMinusOneToOneAndAreMinusOneForASingleRow()
    {
        using DisposeScope scope = NewDisposeScope();

        Tensor map = SoloLayers.WithCoordinates(zeros(1, 1, 1, 3));

        Assert.Equal([0, 0, 0, -1, 0, 1, -1, -1, -1], map.Doubles());
    }

    // GroupNorm sees one image at a time, so that nothing of the batch is left in the result (KF-21).
    [Fact]
    public void OwnGrids_GiveAnImageWhatItWouldGetByItself()
    {
        using DisposeScope scope = NewDisposeScope();
        using SoloInstanceHead head = new(Narrow);
        head.to(ScalarType.Float64);
        Tensor[] levels = [.. Levels(160, 128).Select(level => level.to(ScalarType.Float64))];
        Tensor[] alone = [.. levels.Zip([4, 8, 16, 32, 64], (map, stride) => map.narrow(0, 0, 1)
            .narrow(2, 0, (96 + stride - 1) / stride).narrow(3, 0, 64 / stride))];

        var (categories, kernels) = head.Run(levels, [(96, 64), (160, 128)]);

        var (first, firstKernels) = head.Run(alone);
        var (shared, _) = head.Run(levels);
        for (int level = 0; level < 5; level++)
        {
            Assert.InRange(TensorValues.Distance(first[level], categories[level].narrow(0, 0, 1)), 0, 1e-12);
            Assert.InRange(TensorValues.Distance(firstKernels[level], kernels[level].narrow(0, 0, 1)), 0, 1e-12);
            Assert.InRange(TensorValues.Distance(shared[level][1], categories[level][1]), 0, 1e-12);
        }

        Assert.True(TensorValues.Distance(shared[0][0], categories[0][0]) > 1e-4);
    }

    [Fact]
    public void CoordinatesOfAnImageThatIsPadded_GoOnInThePadding()
    {
        using DisposeScope scope = NewDisposeScope();

        Tensor map = SoloLayers.WithCoordinates(zeros(1, 0, 2, 4), (1, 3));

        Assert.Equal([-1, 0, 1, 2, -1, 0, 1, 2, -1, -1, -1, -1, 1, 1, 1, 1], map.Doubles());
    }

    private static Tensor[] Levels(int height, int width) =>
        [.. new[] { 4, 8, 16, 32, 64 }.Select(s => randn(2, 32, (height + s - 1) / s, (width + s - 1) / s))];
}
