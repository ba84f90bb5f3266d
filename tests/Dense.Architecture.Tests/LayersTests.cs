using System.Xml.Linq;

namespace Dense.Architecture.Tests;

/// <summary>Reads the project files: references point down only, and the bottom layers stay free of torch.</summary>
public class LayersTests
{
    // From the bottom up; a project references projects of lower layers only. docs/architecture.md says why.
    private static readonly string[][] Layers =
    [
        ["Dense.Checkpoints", "Dense.Coco", "Dense.Imaging", "Dense.Configuration"],
        ["Dense.Hub", "Dense.Torch"],
        ["Dense.Distributed", "Dense.Models"],
        ["Dense.Pretraining", "Dense.Detection"],
        ["Dense.Training"],
        ["Dense.Cli"],
    ];

    private static readonly string[] WithoutTorch =
        ["Dense.Checkpoints", "Dense.Coco", "Dense.Imaging", "Dense.Configuration", "Dense.Hub"];

    public static TheoryData<string> Projects { get; } = new(
        Directory.GetDirectories(RepositoryRoot.Combine("src")).Select(d => Path.GetFileName(d)!).Order());

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_ReferencesLowerLayersOnly(string project)
    {
        int own = LayerOf(project);

        Assert.All(ProjectReferences(project), reference => Assert.True(
            LayerOf(reference) < own, $"{project} (layer {own}) references {reference} (layer {LayerOf(reference)})."));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_WithoutTorchNeverReachesIt(string project)
    {
        if (!WithoutTorch.Contains(project))
        {
            Assert.Equal("true", (string?)Load(project).Descendants("UsesTorch").SingleOrDefault());
            return;
        }

        string[] reached = [.. WithReferences(project).SelectMany(PackageReferences)];

        Assert.DoesNotContain(reached, p => p.Contains("torch", StringComparison.OrdinalIgnoreCase));
        Assert.Empty(Load(project).Descendants("UsesTorch"));
    }

    [Fact]
    public void Layers_NameEveryProjectOnce()
    {
        string[] named = [.. Layers.SelectMany(l => l)];

        Assert.Equal(named.Distinct().Count(), named.Length);
        Assert.All(Projects, row => Assert.Contains((string)row.Data, named));
    }

    private static int LayerOf(string project)
    {
        int layer = Array.FindIndex(Layers, l => l.Contains(project));
        Assert.True(layer >= 0, $"{project} is in no layer: add it to {nameof(LayersTests)} and docs/architecture.md.");
        return layer;
    }

    private static IEnumerable<string> WithReferences(string project) =>
        ProjectReferences(project).SelectMany(WithReferences).Prepend(project);

    private static IEnumerable<string> ProjectReferences(string project) =>
        Load(project).Descendants("ProjectReference")
            .Select(e => Path.GetFileNameWithoutExtension((string)e.Attribute("Include")!));

    private static IEnumerable<string> PackageReferences(string project) =>
        Load(project).Descendants("PackageReference").Select(e => (string)e.Attribute("Include")!);

    private static XDocument Load(string project) =>
        XDocument.Load(RepositoryRoot.Combine("src", project, project + ".csproj"));
}
