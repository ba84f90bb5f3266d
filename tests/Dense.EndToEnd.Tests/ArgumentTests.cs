using Dense.Cli;
using Dense.Cli.Commands;

namespace Dense.EndToEnd.Tests;

/// <summary>What the reference's argument parser takes, and this program therefore does too (E-12, E-20).</summary>
public class ArgumentTests
{
    // The shortest that are unambiguous there, although options of ours begin alike.
    [Theory]
    [InlineData("--r", "--resume")]
    [InlineData("--e", "--eval-only")]
    [InlineData("--m=0", "--machine-rank=0")]
    [InlineData("--c", "--config-file")]
    [InlineData("--d", "--dist-url")]
    [InlineData("--num-g", "--num-gpus")]
    [InlineData("--num-p", "--num-processes")]
    [InlineData("--accumulate", "--accumulate")]
    [InlineData("--nonsense", "--nonsense")]
    public void Options_MayBeShortenedAsThere(string given, string expected) =>
        Assert.Equal([expected, "x"], OptionPrefixes.Complete(TrainCommand.Create(), [given, "x"]));

    [Theory]
    [InlineData("--num")]
    [InlineData("--solov2")]
    public void LettersOfSeveralOptions_AreRefusedWithTheirNames(string given)
    {
        var e = Assert.Throws<UsageException>(() => OptionPrefixes.Complete(TrainCommand.Create(), [given]));

        Assert.Contains($"'{given}' may be --", e.Message);
    }

    [Fact]
    public void Pairs_OfAnOddCountAreShown()
    {
        var e = Assert.Throws<UsageException>(() => Overrides.RequirePairs(["SEED", "1", "OUTPUT_DIR"]));

        Assert.Contains("Found: SEED 1 OUTPUT_DIR", e.Message);
    }

    [Fact]
    public void Dashes_AreRefusedWhereAKeyBelongsOnly()
    {
        Overrides.RequirePairs(["OUTPUT_DIR", "--odd"]);

        Assert.Throws<UsageException>(() => Overrides.RequirePairs(["SEED", "1", "--odd", "1"]));
    }
}
