using Dense.Checkpoints.Conversion;
using Dense.Checkpoints.Matching;

namespace Dense.Checkpoints.Tests.Matching;

/// <summary>Matching by the ends of names, and Caffe2's names (E-57, E-60).</summary>
public class NameMatchingTests
{
    [Fact]
    public void Find_PrefersTheLongestEnd()
    {
        NameMatching matching = Find(["a.b.conv.weight", "c.conv.weight"], ["conv.weight", "b.conv.weight"]);

        Assert.Equal([new("b.conv.weight", "a.b.conv.weight"), new("conv.weight", "c.conv.weight")], matching.Matches);
        Assert.Empty(matching.Unmatched);
        Assert.Equal((2, ""), (matching.Groups, matching.CommonPrefix));
    }

    // E-58: a group is a module of the model with what it got from one module of the file.
    [Fact]
    public void Groups_AreThoseOfBothSides()
    {
        NameMatching matching = Find(["x.a.bias", "x.a.weight"], ["bias", "a.weight"]);

        Assert.Equal((2, "x.a"), (matching.Groups, matching.CommonPrefix));
    }

    [Fact]
    public void Find_EndsAtDotsOnly() =>
        Assert.Empty(Find(["a.myconv.weight"], ["conv.weight", "weigh", ""]).Matches);

    [Fact]
    public void Find_LeavesOutWhatHasAnotherShape()
    {
        NameMatching matching = NameMatching.Find([new("a.w", [2, 3])], [new("w", [3, 2])], "f.pkl");

        Assert.Empty(matching.Matches);
        Assert.Equal(["w"], matching.Unmatched);
        Assert.Equal(
            "a.w <- w: [3, 2] in the file, [2, 3] expected", Assert.Single(matching.ShapeMismatches).ToString());
    }

    [Fact]
    public void Find_RefusesATensorThatFitsTwice()
    {
        var error = Assert.Throws<CheckpointFormatException>(() => Find(["a.w", "b.w"], ["w"]));

        Assert.Contains("'w' fits both 'a.w' and 'b.w'", error.Message);
    }

    [Theory]
    [InlineData("res2_0_branch2a_bn_s", "res2.0.conv1.norm.weight")]
    [InlineData("res2_0_branch2a_bn_b", "res2.0.conv1.norm.bias")]
    [InlineData("res3_1_branch2b_bn_rm", "res3.1.conv2.norm.running_mean")]
    [InlineData("res3_1_branch2b_bn_riv", "res3.1.conv2.norm.running_var")]
    [InlineData("res3_1_branch2b_bn_running_var", "res3.1.conv2.norm.running_var")]
    [InlineData("res4_0_branch1_w", "res4.0.shortcut.weight")]
    [InlineData("res4_0_branch1_gn_s", "res4.0.shortcut.norm.weight")]
    [InlineData("res5_2_branch2c_bn_gamma", "res5.2.conv3.norm.weight")]
    [InlineData("conv1_w", "stem.conv1.weight")]
    [InlineData("res_conv1_bn_s", "stem.conv1.norm.weight")]
    [InlineData("conv1_gn_s", "stem.conv1.norm.weight")]
    [InlineData("fc1000_w", "fc1000.weight")]
    [InlineData("pred_w", "linear.weight")]
    [InlineData("fpn_inner_res5_2_sum_w", "fpn_lateral5.weight")]
    [InlineData("fpn_inner_res4_5_sum_lateral_w", "fpn_lateral4.weight")]
    [InlineData("fpn_inner_res3_3_sum_lateral_gn_s", "fpn_lateral3.norm.weight")]
    [InlineData("fpn_res2_2_sum_b", "fpn_output2.bias")]
    [InlineData("fpn_", "fpn.")]
    public void Caffe2_NamesBecomeThoseOfDetectron2(string name, string expected) =>
        Assert.Equal(expected, Caffe2Names.ToDetectron2(name));

    [Theory]
    [InlineData("a.pth", "a.pth", false)]
    [InlineData("a.pth?matching_heuristics=True", "a.pth", true)]
    [InlineData("https://h/a.pth?matching_heuristics=True", "https://h/a.pth", true)]
    [InlineData("https://h/a.pth?token=1", "https://h/a.pth?token=1", false)]
    public void Name_IsTakenApart(string name, string location, bool match) =>
        Assert.Equal(new WeightsName(location, match), WeightsName.Parse(name));

    [Fact]
    public void Name_WithAnotherQueryIsRefused()
    {
        var error = Assert.Throws<CheckpointFormatException>(() => WeightsName.Parse("a.pth?heuristics=1"));

        Assert.Contains("found '?heuristics=1'", error.Message);
    }

    private static NameMatching Find(string[] model, string[] file) =>
        NameMatching.Find(Layouts(model), Layouts(file), "f.pkl");

    private static TensorLayout[] Layouts(string[] names) => [.. names.Select(name => new TensorLayout(name, [1]))];
}
