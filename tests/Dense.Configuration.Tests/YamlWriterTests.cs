using Dense.Configuration.Literals;
using Dense.Configuration.Yaml;

namespace Dense.Configuration.Tests;

/// <summary>The dump (E-13).</summary>
public class YamlWriterTests
{
    private static string Write(object? value) => YamlWriter.Write(
        ConfigurationSection.Empty.With("KEY", new ConfigurationLeaf(value, Origin.Default)));

    [Theory]
    [InlineData(1e-5, "1.0e-05")]
    [InlineData(1e20, "1.0e+20")]
    [InlineData(1.25e-7, "1.25e-07")]
    [InlineData(0.1, "0.1")]
    [InlineData(100.0, "100.0")]
    [InlineData(1e15, "1000000000000000.0")]
    [InlineData(1e16, "1.0e+16")]
    [InlineData(double.PositiveInfinity, ".inf")]
    [InlineData(double.NaN, ".nan")]
    [InlineData(5L, "5")]
    [InlineData(true, "true")]
    [InlineData(null, "null")]
    [InlineData("", "''")]
    [InlineData("yes", "'yes'")]
    [InlineData("a: b", "'a: b'")]
    [InlineData("#x", "'#x'")]
    [InlineData("~", "'~'")]
    [InlineData("a/b.yaml", "a/b.yaml")]
    [InlineData("2021", "\"'2021'\"")]
    [InlineData("1e-5", "\"'1e-5'\"")]
    [InlineData("'a'", "\"\\\"'a'\\\"\"")]
    public void Write_FollowsTheLayoutOfTheReference(object? value, string expected) =>
        Assert.Equal($"KEY: {expected}\n", Write(value));

    [Fact]
    public void Write_IndentsSectionsAndSequences()
    {
        const string Text = """
            A:
              B: []
              C:
              - 1
              - - x
                - 2.5
              - []
            Z: {}

            """;

        Assert.Equal(Text, YamlWriter.Write(ConfigurationFile.Parse(Text, "f")));
    }

    [Fact]
    public void Write_NamesOriginsWhenAsked() =>
        Assert.Equal("A:  # f.yaml:1\n- 1\nB: 2  # f.yaml:2\n",
            YamlWriter.Write(ConfigurationFile.Parse("A: [1]\nB: 2\n", "f.yaml"), withOrigins: true));

    [Fact]
    public void Write_IsReadBackForEveryText() => CsCheck.Check.Sample(
        CsCheck.Gen.String[CsCheck.Gen.Char["ab1'\"\\\n\t:#-~ &*!|>%@`[]{},?=<.é()0xe\u2028"], 0, 10],
        text =>
        {
            object? read = ((ConfigurationLeaf)ConfigurationFile.Parse(Write(text), "f").Find("KEY")!).Value;

            // What a reader of the key sees: text at the top is decoded as a literal.
            return Coercion.TryReplace("", read, out object? result, out _) && text.Equals(result);
        },
        iter: 20_000);

    [Fact]
    public void Write_IsReadBackForEveryTextInAList() => CsCheck.Check.Sample(
        CsCheck.Gen.String[CsCheck.Gen.Char["ab1'\"\\\n:#-~ &*!|>[]{},.()0xe"], 0, 10],
        text =>
        {
            object? read =
                ((ConfigurationLeaf)ConfigurationFile.Parse(Write(Sequence.Of([text])), "f").Find("KEY")!).Value;
            return Sequence.Of([text]).Equals(read);
        },
        iter: 20_000);

    [Fact]
    public void Write_IsReadBackForEveryNumber() => CsCheck.Check.Sample(
        CsCheck.Gen.Double,
        d => ((ConfigurationLeaf)ConfigurationFile.Parse(Write(d), "f").Find("KEY")!).Value is double read &&
            read.Equals(d));
}
