using Dense.Configuration.Literals;

namespace Dense.Configuration.Tests;

/// <summary>What unquoted scalars mean (E-2).</summary>
public class YamlScalarTests
{
    private static object? Read(string scalar) =>
        ((ConfigurationLeaf)ConfigurationFile.Parse($"KEY: {scalar}\n", "test.yaml").Find("KEY")!).Value;

    [Theory]
    [InlineData("yes")]
    [InlineData("True")]
    [InlineData("TRUE")]
    [InlineData("On")]
    public void Scalar_IsTrueForEveryYaml11Spelling(string scalar) => Assert.Equal(true, Read(scalar));

    [Theory]
    [InlineData("no")]
    [InlineData("False")]
    [InlineData("OFF")]
    public void Scalar_IsFalseForEveryYaml11Spelling(string scalar) => Assert.Equal(false, Read(scalar));

    [Theory]
    [InlineData("")]
    [InlineData("~")]
    [InlineData("null")]
    [InlineData("NULL")]
    public void Scalar_IsNull(string scalar) => Assert.Null(Read(scalar));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("-5", -5)]
    [InlineData("+1_000", 1000)]
    [InlineData("0b101", 5)]
    [InlineData("017", 15)]
    [InlineData("-0x1F", -31)]
    [InlineData("1:30", 90)]
    [InlineData("-1:30", -90)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Scalar_IsAnInteger(string scalar, long expected) => Assert.Equal(expected, Read(scalar));

    [Theory]
    [InlineData("1.", 1.0)]
    [InlineData("1.5e+3", 1500.0)]
    [InlineData("-1.0e-05", -1e-5)]
    [InlineData(".5", 0.5)]
    [InlineData("1:30.5", 90.5)]
    [InlineData("!!float 1e5", 1e5)]
    [InlineData("!!float 5e-4", 5e-4)]
    [InlineData("!!float 3", 3.0)]
    [InlineData("-.inf", double.NegativeInfinity)]
    [InlineData(".NaN", double.NaN)]
    public void Scalar_IsAFloat(string scalar, double expected) => Assert.Equal(expected, Read(scalar));

    [Theory]
    [InlineData("1e-4")]
    [InlineData("1e5")]
    [InlineData("1.5e3")]
    [InlineData("08")]
    [InlineData("0o17")]
    [InlineData("(1, 2)")]
    [InlineData("None")]
    [InlineData("y")]
    [InlineData("0x_")]
    [InlineData("1:75")]
    [InlineData("2024-1")]
    public void Scalar_StaysText(string scalar) => Assert.Equal(scalar, Read(scalar));

    [Theory]
    [InlineData("'5'", "5")]
    [InlineData("\"yes\"", "yes")]
    [InlineData("!!str 5", "5")]
    [InlineData("! 5", "5")]
    public void Scalar_IsTextWhenQuotedOrTagged(string scalar, string expected) => Assert.Equal(expected, Read(scalar));

    [Theory]
    [InlineData("2024-01-31")]
    [InlineData("2024-01-31 10:00:00")]
    [InlineData("99999999999999999999")]
    public void Scalar_IsOfNoValidTypeWhenItIsATimestampOrTooLarge(string scalar) =>
        Assert.False(Coercion.TryReplace(null, Read(scalar), out _, out _));

    [Fact]
    public void Tag_MakesATuple() =>
        Assert.Equal(new Sequence([1L, 2L], IsTuple: true), Read("!!python/tuple [1, 2]"));

    [Theory]
    [InlineData("!!python/object/apply:os.system ['true']")]
    [InlineData("!!python/name:os.system ''")]
    [InlineData("!mine 5")]
    [InlineData("!!binary aGk=")]
    [InlineData("!!set {a, b}")]
    [InlineData("!!float five")]
    public void Tag_IsRefusedWithItsNameAndLine(string scalar)
    {
        var e =
            Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse($"A: 1\nKEY: {scalar}\n", "test.yaml"));

        Assert.Contains("tag", e.Message);
        Assert.Equal(2, Assert.Single(e.Problems).Origin.Line);
    }

    [Fact]
    public void Alias_StandsForItsAnchor()
    {
        const string Text = """
            BASE: &base {LR: 0.5, STEPS: [1, 2]}
            OTHER: &other {LR: 0.1, DECAY: 3}
            SOLVER:
              <<: [*base, *other]
              DECAY: 4
            """;

        ConfigurationSection read = ConfigurationFile.Parse(Text, "test.yaml");

        Assert.Equal(0.5, ((ConfigurationLeaf)read.Find("SOLVER.LR")!).Value);
        Assert.Equal(4L, ((ConfigurationLeaf)read.Find("SOLVER.DECAY")!).Value);
        Assert.Equal(Sequence.Of([1L, 2L]), ((ConfigurationLeaf)read.Find("SOLVER.STEPS")!).Value);
    }

    [Fact]
    public void RepeatedKey_TakesTheLastValue() =>
        Assert.Equal(2L, ((ConfigurationLeaf)ConfigurationFile.Parse("A: 1\nA: 2\n", "f").Find("A")!).Value);
}
