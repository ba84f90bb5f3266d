using System.Text.Json;

namespace Dense.Detection.Tests;

[Trait("Category", "Golden")]
public class FillRuleTests
{
    [Fact]
    public void Uniform_GivesTheTestVectors()
    {
        FillRule rule = FillRule.Of("fcos");
        using JsonDocument file = GoldenFacts.Read("fill_rule.json");

        foreach (JsonProperty vector in file.RootElement.GetProperty("test_vectors").EnumerateObject())
        {
            double[] expected = vector.Value.GetProperty("u").Numbers();
            Assert.Equal(expected, expected.Select((_, i) => rule.Uniform(vector.Name, i)));
        }
    }

    [Fact]
    public void Values_FollowTheFirstSuffixThatFits()
    {
        FillRule rule = FillRule.Of("fcos");

        double u = rule.Uniform("a.conv3.norm.weight", 1);
        Assert.Equal((float)(0.25 + 0.0625 * u), rule.Values("a.conv3.norm.weight", [2])[1]);
        u = rule.Uniform("a.weight", 5);
        Assert.Equal((float)(u * Math.Sqrt(6.0 / 3)), rule.Values("a.weight", [2, 3])[5]);
        Assert.Equal([0], rule.Values("a.norm.num_batches_tracked", []));
        Assert.Throws<InvalidDataException>(() => rule.Values("a.unknown", [2]));
    }
}
