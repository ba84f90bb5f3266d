using System.Text.RegularExpressions;
using Dense.Configuration.Literals;
using Dense.Configuration.Reading;
using Dense.Training.Settings;

namespace Dense.Torch.Tests.Training.Settings;

/// <summary>
/// The keys are a contract (R18): docs/configuration-pretraining.md lists each with type and default, and changes
/// together with the code.
/// </summary>
public class PretrainingKeysTests
{
    private static readonly Regex Row = new(
        @"^\| `(?<key>[A-Z0-9_.]+)` \| (?<type>[^|]*(?:\\\|[^|]*)*) \| `(?<default>.*?)` \| (?<meaning>.+) \|$");

    private static List<Match> Rows { get; } = [.. File
        .ReadAllLines(RepositoryRoot.Combine("docs", "configuration-pretraining.md"))
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .Select(line => Row.Match(line))];

    [Fact]
    public void Keys_AreTheDocumentedOnes()
    {
        Assert.All(Rows, row => Assert.True(row.Success));
        Assert.Equal(
            PretrainingSettingsReader.Keys.Select(Line),
            Rows.Select(row => $"{row.Groups["key"]} ({row.Groups["type"].Value.Replace("\\|", "|")}) " +
                $"{row.Groups["default"]}"));
    }

    [Fact]
    public void Keys_AreEachExplained() =>
        Assert.All(Rows, row => Assert.True(row.Groups["meaning"].Length > 10, row.Value));

    [Fact]
    public void Defaults_AreThoseOfTheSettings()
    {
        PretrainingSettings read =
            PretrainingSettingsReader.Read(Dense.Configuration.ConfigurationSection.Empty).Settings;
        var published = new PretrainingSettings();

        Assert.Equal(SettingsText.Of(published.Solver), SettingsText.Of(read.Solver));
        Assert.Equal(SettingsText.Of(published.Data), SettingsText.Of(read.Data));
        Assert.Equal(published.View, read.View);
        Assert.Equal(SettingsText.Of(new Dense.Pretraining.DenseClSettings()), SettingsText.Of(read.Model.DenseCl!));
    }

    private static string Line(ConfigurationKey key) =>
        $"{key.Path} ({key.Type}) {PythonLiteral.Format(key.Default)}";
}
