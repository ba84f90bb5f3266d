using Dense.Configuration.Literals;
using Dense.Configuration.Reading;

namespace Dense.Configuration.Tests;

public class ConfigurationReaderTests
{
    private static ConfigurationReader Reader(string text) => new(ConfigurationFile.Parse(text, "f.yaml"));

    // The keys of a small program.
    private static void ReadAll(ConfigurationReader reader)
    {
        ConfigurationReader solver = reader.Section("SOLVER");
        solver.Float("BASE_LR", 0.1, Bounds.Positive);
        solver.Ints("STEPS", [30, 60], Bounds.AtLeast(1));
        solver.OptionalFloat("CLIP", null, Bounds.Positive);
        solver.Bool("NESTEROV", false);
        reader.Section("MODEL").Section("BACKBONE").Choice("NORM", 1, ("BN", 1), ("SyncBN", 2));
        reader.Text("OUTPUT_DIR", "out");
        reader.OptionalText("WEIGHTS");
        reader.Int("SEED", 0, Bounds.NotNegative);
        reader.OptionalInt("GRID", null, Bounds.AtLeast(1));
        reader.Section("IMAGE").Floats("MEAN", [0.5], Bounds.None);
    }

    private static ConfigurationException Refused(string text)
    {
        ConfigurationReader reader = Reader(text);
        ReadAll(reader);
        return Assert.Throws<ConfigurationException>(() => reader.Finish());
    }

    [Fact]
    public void Reader_GivesDefaultsWithTheirOrigin()
    {
        ConfigurationReader reader = Reader("");
        ReadAll(reader);

        ConfigurationSection resolved = reader.Finish();

        Assert.Equal(0.1, ((ConfigurationLeaf)resolved.Find("SOLVER.BASE_LR")!).Value);
        Assert.Same(Origin.Default, resolved.Find("SOLVER.BASE_LR")!.Origin);
        Assert.Equal(10, reader.Keys.Count);
    }

    [Fact]
    public void Reader_ConvertsValues()
    {
        ConfigurationReader reader =
            Reader("SOLVER: {BASE_LR: 1e-4, STEPS: \"(5, 7)\"}\nIMAGE: {MEAN: [1, 2.5]}\nWEIGHTS: None\n");

        Assert.Equal(1e-4, reader.Section("SOLVER").Float("BASE_LR", 0.1, Bounds.Positive));
        Assert.Equal([5, 7], reader.Section("SOLVER").Ints("STEPS", [], Bounds.None));
        Assert.Equal([1, 2.5], reader.Section("IMAGE").Floats("MEAN", [], Bounds.None));
        Assert.Null(reader.OptionalText("WEIGHTS", "x"));
        Assert.Equal("f.yaml:1", reader.Finish().Find("SOLVER.STEPS")!.Origin.ToString());
    }

    [Fact]
    public void Reader_ReportsAllProblemsTogetherWithFileAndLine()
    {
        ConfigurationException e = Refused("""
            SOLVER:
              BASE_LR: fast
              STEPS: [1, x]
              NESTEROV: 1
            SEED: -1
            OUTPUT_DIR: 2021
            MODEL: {BACKBONE: {NORM: SyncBn}}
            GRID: 99999999999
            WEIGTHS: a.pth
            """);

        Assert.Equal(
            ["SOLVER.BASE_LR:2", "SOLVER.STEPS:3", "SOLVER.NESTEROV:4", "MODEL.BACKBONE.NORM:7",
                "OUTPUT_DIR:6", "SEED:5",
                "GRID:8", "WEIGTHS:9"],
            e.Problems.Select(p => $"{p.Key}:{p.Origin.Line}"));
        Assert.Contains("Did you mean SyncBN?", e.Message);
        Assert.Contains("Did you mean WEIGHTS?", e.Message);
    }

    [Theory]
    [InlineData("SOLVER: {BASE_LRR: 1}", "SOLVER.BASE_LR?")]
    [InlineData("BASE_LR: 1", "SOLVER.BASE_LR?")]
    [InlineData("solver: {BASE_LR: 1}", "SOLVER?")]
    [InlineData("MODEL: {BACKBNE: {NORM: BN}}", "MODEL.BACKBONE?")]
    [InlineData("SOLVER.BASE_LR: 1", "dots")]
    [InlineData("QQQQQQQQ: 1", "no such key")]
    [InlineData("SOLVER: 5", "is a section")]
    [InlineData("SEED: {A: 1}", "found a section")]
    [InlineData("SEED:", "found null")]
    [InlineData("SOLVER: {STEPS: 5}", "(5,)")]
    [InlineData("SOLVER: {BASE_LR: .inf}", "more than 0")]
    [InlineData("SEED: {}", "found a section")]
    public void Reader_RefusesAndHelps(string text, string help) => Assert.Contains(help, Refused(text).Message);

    [Fact]
    public void Reader_RefusesAKeyThatIsReadTwice()
    {
        ConfigurationReader reader = Reader("");
        reader.Bool("A", true);

        Assert.Throws<InvalidOperationException>(() => reader.Bool("A", true));
    }

    [Fact]
    public void List_HandsOutElementsUnchecked()
    {
        ConfigurationReader reader = Reader("RULES: [['a', 'b', 1.5], [2]]");

        Assert.Equal("[['a', 'b', 1.5], [2]]", reader.List("RULES", "rule").ToString());
        Assert.Equal(new Sequence([]), Reader("").List("RULES", "rule"));
    }
}
