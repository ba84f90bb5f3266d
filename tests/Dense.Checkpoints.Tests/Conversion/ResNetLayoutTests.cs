using Dense.Checkpoints.Conversion;

namespace Dense.Checkpoints.Tests.Conversion;

public class ResNetLayoutTests
{
    // P-59: depth, entries, parameter tensors, parameters.
    [Theory]
    [InlineData(18, 120, 60, 11_176_512)]
    [InlineData(34, 216, 108, 21_284_672)]
    [InlineData(50, 318, 159, 23_508_032)]
    [InlineData(101, 624, 312, 42_500_160)]
    [InlineData(152, 930, 465, 58_143_808)]
    public void Layout_HasThePublishedSizes(int depth, int entries, int parameters, long numbers)
    {
        var layout = ResNetLayout.Of(depth);
        TensorLayout[] trained =
            [.. layout.Where(l => l.Name.EndsWith(".weight", StringComparison.Ordinal) || l.Name.EndsWith(
                ".bias", StringComparison.Ordinal))];

        Assert.Equal(entries, layout.Count);
        Assert.Equal(parameters, trained.Length);
        Assert.Equal(numbers, trained.Sum(l => l.Shape.Aggregate(1L, (a, b) => a * b)));
        Assert.Equal(depth, ResNetLayout.DepthOf(layout.Select(l => l.Name)));
    }

    [Fact]
    public void Layout_IsInStateOrder()
    {
        string[] names = [.. ResNetLayout.Of(50, counters: false).Select(l => l.Name)];

        Assert.Equal(
            ["conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var", "layer1.0.conv1.weight"],
            names[..6]);
        Assert.Equal("layer1.0.downsample.0.weight", names[20]);
        Assert.Equal("layer4.2.bn3.running_var", names[^1]);
    }

    [Fact]
    public void Depth_IsUnknownForACutNetwork() =>
        Assert.Null(ResNetLayout.DepthOf(
            ResNetLayout.Of(50).Select(l => l.Name).Where(n => !n.StartsWith("layer4", StringComparison.Ordinal))));

    [Theory]
    [InlineData(18, 1, 18)]
    [InlineData(34, 3, 34)]
    [InlineData(50, 2, 50)]
    [InlineData(101, 2, 50)] // The depths part at the third stage.
    [InlineData(101, 3, 101)]
    [InlineData(152, 4, 152)]
    public void Architecture_IsFoundInACutNetwork(int depth, int stages, int found)
    {
        var names = ResNetLayout.Of(depth).Select(l => l.Name)
            .Where(n => !n.StartsWith("layer", StringComparison.Ordinal) || n[5] - '0' <= stages);

        Assert.Equal((found, stages), ResNetLayout.ArchitectureOf(names));
    }

    [Theory]
    [InlineData("layer1.")]
    [InlineData("layer3.")]
    [InlineData("layer2.3.")]
    public void Architecture_IsUnknownForANetworkWithAHole(string hole)
    {
        var names = ResNetLayout.Of(50).Select(l => l.Name).Where(n => !n.StartsWith(hole, StringComparison.Ordinal));

        Assert.Null(ResNetLayout.ArchitectureOf(names));
    }
}
