using System.Text.Json;
using Dense.Detection;
using Dense.Torch.Flat;
using Dense.Training.Detection.Settings;
using Dense.Training.Detection.Solver;
using TorchSharp;
using TorchSharp.Modules;

namespace Dense.Torch.Tests.Training.Detection.Solver;

public class ParameterGroupTests
{
    public static TheoryData<string> Files => Golden.Files("detection/pieces", "param_groups_*.json");

    [Theory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Files))]
    public void Groups_AreTheReferences(string file)
    {
        using var groups = JsonDocument.Parse(File.ReadAllText(Golden.Require("detection", "pieces", file)));
        using var scope = torch.NewDisposeScope();
        IReadOnlyList<DetectorEntry> parameters = ParametersOf(file.Replace("param_groups_", "state_names_"));

        foreach (JsonProperty entry in groups.RootElement.EnumerateObject())
        {
            DetectionSolverSettings settings = new DetectionSolverSettings { BaseRate = 0.01 }
                .With(entry.Value.GetProperty("options"));

            IReadOnlyList<SgdGroup> actual = DetectionParameterGroups.Create(parameters, settings);

            JsonElement[] expected = [.. entry.Value.GetProperty("groups").EnumerateArray()];
            Assert.Equal(expected.Length, actual.Count);
            foreach (var (group, row) in actual.Zip(expected))
            {
                Assert.Equal(row.GetProperty("lr").GetDouble(), group.LearningRate);
                Assert.Equal(row.GetProperty("weight_decay").GetDouble(), group.WeightDecay);
                Assert.Equal(row.GetProperty("names").EnumerateArray().Select(n => n.GetString()), group.Names);
            }
        }
    }

    // In these models the layers whose weight has one dimension are the normalisation layers.
    private static DetectorEntry[] ParametersOf(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Golden.Require("detection", "pieces", file)));
        var shapes = document.RootElement.GetProperty("tensors").EnumerateArray()
            .Where(t => t.GetProperty("kind").GetString() == "parameter")
            .Select(t => (Name: t.GetProperty("name").GetString()!, Rank: t.GetProperty("shape").GetArrayLength()))
            .ToList();
        var ranks = shapes.ToDictionary(s => s.Name, s => s.Rank);
        var shared = new Parameter(torch.zeros(1));
        return [.. shapes.Select(s => new DetectorEntry(
            s.Name, shared, ranks.GetValueOrDefault(LayerOf(s.Name) + "weight") == 1))];
    }

    private static string LayerOf(string name) => name[..(name.LastIndexOf('.') + 1)];
}
