using Dense.Detection.Settings;
using Dense.Torch.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.SoloV2;

/// <summary>KF-21: what an image is trained towards need not depend on the others of its batch.</summary>
[LeakCheck]
[Trait("Category", "Golden")]
public class OwnGridsTests
{
    [Fact]
    public void Losses_DependOnTheOptionOnlyWhereAnImageIsPaddedBeyondItsOwnSize()
    {
        string[] names =
            [.. SoloGolden.Json("annotations.json").GetProperty("images").EnumerateObject().Select(i => i.Name)];
        string tallest = names.MaxBy(n => SoloHeads.Size(n).Height)!;
        string shortest = names.MinBy(n => SoloHeads.Size(n).Height)!;

        Assert.Equal(Losses(own: false, tallest), Losses(own: true, tallest));
        Assert.NotEqual(Losses(own: false, tallest, shortest), Losses(own: true, tallest, shortest));
    }

    private static double[] Losses(bool own, params string[] images)
    {
        using DisposeScope scope = NewDisposeScope();
        using var run = new SoloRun("small", ScalarType.Float64, training: false, change: settings => settings with
        {
            SoloV2 = settings.SoloV2 with { Options = new SoloOptions { OwnGrids = own } },
        });
        return [.. run.Losses(images).Select(l => l.Value.item<double>())];
    }
}
