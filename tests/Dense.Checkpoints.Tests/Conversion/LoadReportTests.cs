using Dense.Checkpoints.Conversion;

namespace Dense.Checkpoints.Tests.Conversion;

public class LoadReportTests
{
    private static readonly TensorLayout[] Model =
        [new("a.weight", [2]), new("a.bias", [2]), new("b.norm.bias", [1]), new("b.norm.mean", [1])];

    [Fact]
    public void Report_SortsNamesIntoFourKinds()
    {
        LoadReport report = LoadReport.Compare(Model, [new("a.weight", [2]), new("a.bias", [3]), new("c", [1])]);

        Assert.Equal(["a.weight"], report.Matched);
        Assert.Equal(["b.norm.bias", "b.norm.mean"], report.Missing);
        Assert.Equal(["c"], report.Unexpected);
        Assert.Equal("a.bias: [3] in the file, [2] expected", Assert.Single(report.ShapeMismatches).ToString());
        Assert.False(report.IsComplete);
        Assert.Equal("incomplete: 1 of 4 matched, 2 missing, 1 of another shape, 1 unexpected", report.Verdict);
    }

    [Fact]
    public void Report_PrintsGroups()
    {
        LoadReport report = LoadReport.Compare(Model, [new("x.bias", [1]), new("x.weight", [1]), new("a.weight", [2])]);

        Assert.Equal(
            "incomplete: 1 of 4 matched, 3 missing, 0 of another shape, 2 unexpected\n" +
            "missing:\na.bias\nb.norm.{bias, mean}\nunexpected:\n  x.{bias, weight}",
            report.ToText());
    }

    [Fact]
    public void Report_OfNothingSaysSo() =>
        Assert.StartsWith(
            "nothing matched: 0 of 4", LoadReport.Compare(Model, [new("z", [1])]).Verdict, StringComparison.Ordinal);

    [Fact]
    public void Report_AllowsWhatMayBeMissing() =>
        Assert.True(
            LoadReport.Compare(Model, Model[..2], n => n.StartsWith("b.", StringComparison.Ordinal)).IsComplete);

    [Fact]
    public void Group_IsThatOfDetectron2() => Assert.Equal(
        ["backbone.bottom_up.res2.0.conv1.norm.{bias, running_mean, running_var}", "head", "stem.conv1.weight"],
        LoadReport.Group([
            "head",
            "backbone.bottom_up.res2.0.conv1.norm.running_var",
            "stem.conv1.weight",
            "backbone.bottom_up.res2.0.conv1.norm.bias",
            "backbone.bottom_up.res2.0.conv1.norm.running_mean",
        ]));
}
