using Dense.Checkpoints.Conversion;

namespace Dense.Checkpoints.Tests.Conversion;

public class BackboneWidthTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(128)]
    public void Verification_TakesANetworkOfAnotherWidthForAWholeOne(int width) =>
        Assert.True(BackboneVerification.Check([.. Backbones.Of(18, width)]).IsGood);

    [Fact]
    public void Verification_FindsALayerThatIsNotAsWideAsTheRest()
    {
        KeyValuePair<string, TensorRecord>[] thin = [.. Backbones.Of(18, 32)];
        int layer = Array.FindIndex(thin, t => t.Key == "layer2.1.conv1.weight");
        thin[layer] = Backbones.Of(18).First(t => t.Key == thin[layer].Key);

        ShapeMismatch mismatch = Assert.Single(BackboneVerification.Check(thin).Report.ShapeMismatches);

        Assert.Equal("layer2.1.conv1.weight", mismatch.Name);
        Assert.Equal([64, 64, 3, 3], mismatch.Expected);
    }
}
