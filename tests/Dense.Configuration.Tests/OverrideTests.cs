using Dense.Configuration.Literals;

namespace Dense.Configuration.Tests;

/// <summary>KEY VALUE pairs and the types they may have (E-10, E-12).</summary>
public class OverrideTests
{
    private const string Error = "error";

    // The defaults of detectron2 that the pairs below replace.
    private static readonly Dictionary<string, object?> Defaults = new()
    {
        ["SOLVER.STEPS"] = new Sequence([30000L], IsTuple: true),
        ["DATASETS.TRAIN"] = new Sequence([], IsTuple: true),
        ["SOLVER.BASE_LR"] = 0.001,
        ["SOLVER.MAX_ITER"] = 40000L,
        ["MODEL.WEIGHTS"] = "",
        ["OUTPUT_DIR"] = "./output",
        ["MODEL.MASK_ON"] = false,
        ["SOLVER.WEIGHT_DECAY_BIAS"] = null,
        ["SOLVER.CLIP_GRADIENTS.NORM_TYPE"] = 2.0,
        ["TEST.EXPECTED_RESULTS"] = new Sequence([]),
        ["SEED"] = -1L,
    };

    [Theory]
    [InlineData("SOLVER.STEPS", "[1,2]", "(1, 2)")]
    [InlineData("SOLVER.STEPS", "1,2", "(1, 2)")]
    [InlineData("SOLVER.STEPS", "()", "()")]
    [InlineData("SOLVER.STEPS", "(1)", Error)]
    [InlineData("DATASETS.TRAIN", "('a','b')", "('a', 'b')")]
    [InlineData("DATASETS.TRAIN", "\"a\",", "('a',)")]
    [InlineData("DATASETS.TRAIN", "a", Error)]
    [InlineData("SOLVER.BASE_LR", "1e-4", "0.0001")]
    [InlineData("SOLVER.BASE_LR", ".5", "0.5")]
    [InlineData("SOLVER.BASE_LR", "1", "1.0")]
    [InlineData("SOLVER.MAX_ITER", "1_000", "1000")]
    [InlineData("SOLVER.MAX_ITER", "0x10", "16")]
    [InlineData("SOLVER.MAX_ITER", "100.0", Error)]
    [InlineData("MODEL.WEIGHTS", "None", "None")]
    [InlineData("MODEL.WEIGHTS", "./a/b-c.pth", "'./a/b-c.pth'")]
    [InlineData("MODEL.WEIGHTS", "true", "'true'")]
    [InlineData("MODEL.WEIGHTS", "007", "'007'")]
    [InlineData("MODEL.WEIGHTS", "1_000_", "'1_000_'")]
    [InlineData("MODEL.WEIGHTS", "", "''")]
    [InlineData("OUTPUT_DIR", "2021", Error)]
    [InlineData("OUTPUT_DIR", "'2021'", "'2021'")]
    [InlineData("MODEL.MASK_ON", "true", Error)]
    [InlineData("MODEL.MASK_ON", "True", "True")]
    [InlineData("MODEL.MASK_ON", "1", Error)]
    [InlineData("SOLVER.WEIGHT_DECAY_BIAS", "0.0", "0.0")]
    [InlineData("SOLVER.WEIGHT_DECAY_BIAS", "{}", Error)]
    [InlineData("SOLVER.CLIP_GRADIENTS.NORM_TYPE", "inf", Error)]
    [InlineData("SOLVER.CLIP_GRADIENTS.NORM_TYPE", "1e999", "inf")]
    [InlineData("TEST.EXPECTED_RESULTS", "[['bbox','AP',38.5,0.2]]", "[['bbox', 'AP', 38.5, 0.2]]")]
    [InlineData("SEED", "-1", "-1")]
    [InlineData("SEED", "+5", "5")]
    [InlineData("SEED", "0o17", "15")]
    [InlineData("SEED", "1+1", Error)]
    public void Override_ReplacesTheValueAsTheReferenceDoes(string key, string value, string expected)
    {
        ConfigurationSection read = Overrides.Apply(ConfigurationSection.Empty, [key, value]);
        object? raw = ((ConfigurationLeaf)read.Find(key)!).Value;

        bool accepted = Coercion.TryReplace(Defaults[key], raw, out object? result, out _);

        Assert.Equal(expected, accepted ? PythonLiteral.Format(result) : Error);
        if (!accepted)
            Assert.Contains(PythonLiteral.Format(result), Coercion.Explain(Defaults[key], result));
    }

    [Fact]
    public void Override_WinsOverFilesAndLaterOverEarlier()
    {
        ConfigurationSection file = ConfigurationFile.Parse("SOLVER: {LR: 1, STEPS: [1]}\n", "f.yaml");

        ConfigurationSection read = Overrides.Apply(file, ["SOLVER.LR", "2", "SOLVER.LR", "3", "NEW.KEY", "x"]);

        Assert.Equal("3", ((ConfigurationLeaf)read.Find("SOLVER.LR")!).Value);
        Assert.Same(Origin.CommandLine, read.Find("SOLVER.LR")!.Origin);
        Assert.Equal("f.yaml:1", read.Find("SOLVER.STEPS")!.Origin.ToString());
        Assert.NotNull(read.Find("NEW.KEY"));
    }

    [Theory]
    [InlineData("SOLVER.LR")]
    [InlineData("_BASE_", "x.yaml")]
    [InlineData("--resume", "1")]
    [InlineData("A..B", "1")]
    [InlineData("", "1")]
    [InlineData("LEAF.BELOW", "1")]
    public void Override_IsRefusedWhenItIsNoPairOrNoKey(params string[] pairs)
    {
        ConfigurationSection file = ConfigurationFile.Parse("LEAF: 5\n", "f.yaml");

        Assert.Throws<ConfigurationException>(() => Overrides.Apply(file, pairs));
    }
}
