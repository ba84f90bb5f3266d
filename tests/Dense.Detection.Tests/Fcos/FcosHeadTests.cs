using Dense.Detection.Fcos;
using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Torch.Tests;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.Fcos;

[LeakCheck]
public sealed class FcosHeadTests
{
    private const int Channels = 32;

    [Fact]
    public void Keys_WithPerLevelBatchNormAndASharedTower()
    {
        using DisposeScope scope = NewDisposeScope();
        using FcosHead head = Head(Small with { Norm = DetectorNorm.Batch, SharedConvolutions = 1, UseScale = false });
        string[] convolution = ["weight", "bias"];
        string[] norm = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"];
        IEnumerable<string> Tower(string name) =>
        [
            .. convolution.Select(p => $"{name}.0.{p}"),
            .. norm.Select(p => $"{name}.1.0.{p}"),
            .. norm.Select(p => $"{name}.1.1.{p}"),
        ];
        IEnumerable<string> Predictor(string name) => convolution.Select(p => $"{name}.{p}");

        Assert.Equal(
            [
                .. Tower("cls_tower"), .. Tower("bbox_tower"), .. Tower("share_tower"),
                .. Predictor("cls_logits"), .. Predictor("bbox_pred"), .. Predictor("ctrness"),
            ],
            DetectorState.Entries(head).Select(e => e.Name));
    }

    [Fact]
    public void Keys_WithoutNorm()
    {
        using DisposeScope scope = NewDisposeScope();
        using FcosHead head = Head(Small with { Norm = DetectorNorm.None, ClassConvolutions = 3 });

        string[] names = [.. DetectorState.Entries(head).Select(e => e.Name)];

        Assert.Equal(
            ["cls_tower.0.weight", "cls_tower.0.bias", "cls_tower.2.weight", "cls_tower.2.bias", "cls_tower.4.weight",
                "cls_tower.4.bias", "bbox_tower.0.weight", "bbox_tower.0.bias"],
            names[..8]);
        Assert.Equal(["scales.0.scale", "scales.1.scale"], names[^2..]);
    }

    [Fact]
    public void InitialWeights_AreSmallAndPredictThePriorProbability()
    {
        using DisposeScope scope = NewDisposeScope();
        using FcosHead head = Head(Small with { PriorProbability = 0.01 });
        Dictionary<string, Tensor> state = DetectorState.Entries(head).ToDictionary(e => e.Name, e => e.Tensor);

        foreach (var (name, values) in state.Select(s => (s.Key, s.Value.Doubles())))
        {
            if (name == "cls_logits.bias")
                Assert.All(values, v => Assert.Equal(-4.59511985, v, 1e-6));
            else if (name.EndsWith("bias", StringComparison.Ordinal))
                Assert.All(values, v => Assert.Equal(0, v));
            else if (values.Length <= Channels)
                Assert.Equal((name, 1, 1), (name, values.Min(), values.Max())); // Norms and scales.
            else
                Assert.InRange(Math.Sqrt(values.Sum(v => v * v) / values.Length), 0.008, 0.012);
        }
    }

    [Fact]
    public void StatisticsOfALevel_DependOnTheLevelAndNotOnTheOrderOfCalls()
    {
        using DisposeScope scope = NewDisposeScope();
        using FcosHead head = Head(Small with { Norm = DetectorNorm.Batch });
        head.train();
        Tensor first = randn(2, Channels, 4, 4), second = randn(2, Channels, 2, 2);

        // One level alone, as after a pass that was broken off; then both.
        _ = head.call([first]);
        _ = head.call([first, second]);

        Dictionary<string, Tensor> state = DetectorState.Entries(head).ToDictionary(e => e.Name, e => e.Tensor);
        Assert.Equal(2, state["cls_tower.1.0.num_batches_tracked"].item<long>());
        Assert.Equal(1, state["cls_tower.1.1.num_batches_tracked"].item<long>());
    }

    [Fact]
    public void Distances_AreScaledPerLevelAndNeverNegative()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using FcosHead head = Head(Small);
        Dictionary<string, Tensor> state = DetectorState.Entries(head).ToDictionary(e => e.Name, e => e.Tensor);
        state["bbox_pred.bias"].copy_(tensor([1f, 2f, 3f, -4f]));
        state["bbox_pred.weight"].fill_(0);
        state["scales.1.scale"].fill_(3);
        Tensor feature = randn(1, Channels, 2, 2);

        IReadOnlyList<FcosLevel> levels = head.call([feature, feature]);

        Assert.Equal([1, 2, 3, 0], levels[0].Distances[0, .., 1, 1].Doubles());
        Assert.Equal([3, 6, 9, 0], levels[1].Distances[0, .., 1, 1].Doubles());
        Assert.Equal((2, 2), levels[0].MapSize);
    }

    private static FcosSettings Small { get; } = new()
    {
        NumClasses = 3,
        InFeatures = ["p3", "p4"],
        Strides = [8, 16],
        SizesOfInterest = [64],
        ClassConvolutions = 1,
        BoxConvolutions = 1,
    };

    private static FcosHead Head(FcosSettings settings) => new(settings, Channels, SingleProcess.Instance);
}
