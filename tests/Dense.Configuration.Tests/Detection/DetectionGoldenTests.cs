using Dense.Configuration.Detection;
using Dense.Configuration.Yaml;

namespace Dense.Configuration.Tests.Detection;

/// <summary>The four DenseCL configurations against the reference's own dumps (M-138, E-13, E-14).</summary>
[Trait("Category", "Golden")]
public class DetectionGoldenTests
{
    private const string Folder = "detection/pieces";

    public static TheoryData<string> Dumps { get; } = Golden.Files(Folder, "config_*.yaml");

    [Theory]
    [MemberData(nameof(Dumps))]
    public void Dump_HasTheReferencesKeysValuesAndLayout(string name)
    {
        string dump = Golden.Require(Folder, name);
        string file = RepositoryRoot.Combine("configs", "DenseCL", name["config_".Length..]);

        string ours = MergedConfiguration.Load(file, []).ToYaml();

        // Written again, because the reference's file has anchors where two defaults are one object.
        Assert.Equal(YamlWriter.Write(ConfigurationFile.Load(dump)), ours);
    }

    [Theory]
    [MemberData(nameof(Dumps))]
    public void Dump_OfTheReferenceLoadsAndGivesTheSameValues(string name)
    {
        string dump = Golden.Require(Folder, name);
        string file = RepositoryRoot.Combine("configs", "DenseCL", name["config_".Length..]);

        MergedConfiguration read = MergedConfiguration.Load(dump, []);

        Assert.Empty(read.Warnings);
        Assert.Equal(MergedConfiguration.Load(file, []).ToYaml(), read.ToYaml());
    }
}
