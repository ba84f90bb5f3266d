using System.Text.Json;
using Dense.Checkpoints;
using Dense.Checkpoints.Conversion;
using Dense.Detection.Backbones;
using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Torch.Tests;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests;

[LeakCheck]
public class DetectorStateTests
{
    private const string Prefix = "backbone.";

    [Theory] // M-22, M-36, M-147.
    [Trait("Category", "Golden")]
    [InlineData("fcos_r50", 50)]
    [InlineData("fcos_r101", 101)]
    [InlineData("solov2_r50", 50)]
    [InlineData("solov2_r101", 101)]
    public void Entries_HaveTheReferencesNamesKindsShapesAndOrder(string model, int depth)
    {
        using DisposeScope scope = NewDisposeScope();
        DetectorSettings settings = model.StartsWith("fcos", StringComparison.Ordinal)
            ? GoldenModels.FcosR50
            : GoldenModels.SoloR50;
        using PyramidBackbone backbone = Build(
            settings with { Backbone = settings.Backbone with { Depth = depth } });
        using JsonDocument file = GoldenFacts.Read("pieces", $"state_names_{model}.json");

        Assert.Equal(
            file.RootElement.GetProperty("tensors").EnumerateArray().Select(Line).Where(OfBackbone),
            DetectorState.Entries(backbone, Prefix).Select(Line));
    }

    [Theory]
    [Trait("Category", "Golden")]
    [InlineData("fcos/small")]
    [InlineData("fcos/small_r18")]
    [InlineData("solov2/small")]
    public void EntriesOfTheNarrowModels_HaveTheReferencesNames(string folder)
    {
        using DisposeScope scope = NewDisposeScope();
        using PyramidBackbone backbone = Build(GoldenModels.Of(folder));
        using JsonDocument file = GoldenFacts.Read([.. folder.Split('/'), "state_names.json"]);

        Assert.Equal(
            file.RootElement.EnumerateArray().Select(Line).Where(OfBackbone),
            DetectorState.Entries(backbone, Prefix).Select(Line));
    }

    [Theory] // M-129, E-79.
    [Trait("Category", "Golden")]
    [InlineData("fcos_r50")]
    [InlineData("solov2_r50")]
    public void Norms_AreTheParametersWithoutWeightDecay(string model)
    {
        using DisposeScope scope = NewDisposeScope();
        using PyramidBackbone backbone = Build(model == "fcos_r50" ? GoldenModels.FcosR50 : GoldenModels.SoloR50);
        using JsonDocument file = GoldenFacts.Read("pieces", $"param_groups_{model}.json");
        JsonElement groups = file.RootElement.GetProperty("default").GetProperty("groups");
        DetectorEntry[] trained = [.. DetectorState.Entries(backbone, Prefix).Where(e => e.Trainable)];

        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(
                groups[i].GetProperty("names").EnumerateArray().Select(n => n.GetString()!).Where(OfBackbone),
                trained.Where(e => e.IsNorm == (i == 1)).Select(e => e.Name));
        }
    }

    [Fact] // M-147.
    public void Records_SurviveTheWayIntoAnotherNetwork()
    {
        using DisposeScope scope = NewDisposeScope();
        using PyramidBackbone source = Build(GoldenModels.FcosSmall), target = Build(GoldenModels.FcosSmall);
        using (no_grad())
        {
            foreach (DetectorEntry entry in DetectorState.Entries(source).Where(e => e.Tensor.is_floating_point()))
                entry.Tensor.uniform_(0, 1);
        }

        IReadOnlyList<NamedTensor> records = DetectorState.ToRecords(source);
        LoadReport report = DetectorState.CopyFrom(target, records.ToDictionary(r => r.Name, r => r.Tensor));

        Assert.True(report.IsComplete);
        Assert.Empty(report.Unexpected);
        Assert.Equal(
            records.Select(r => Convert.ToHexString(r.Tensor.Bytes.Span)),
            DetectorState.ToRecords(target).Select(r => Convert.ToHexString(r.Tensor.Bytes.Span)));
    }

    [Fact] // M-134.
    public void CopyFrom_ReportsWhatDoesNotFitAndTakesTheRest()
    {
        using DisposeScope scope = NewDisposeScope();
        using PyramidBackbone backbone = Build(GoldenModels.FcosSmall);
        Dictionary<string, TensorRecord> state =
            DetectorState.ToRecords(backbone).ToDictionary(r => r.Name, r => r.Tensor);
        TensorRecord moved = state["bottom_up.stem.conv1.weight"];
        state.Remove("bottom_up.stem.conv1.weight");
        state["bottom_up.stem.fc.weight"] = moved;
        state["fpn_lateral3.weight"] = moved;

        LoadReport report = DetectorState.CopyFrom(backbone, state);

        Assert.Equal(["bottom_up.stem.conv1.weight"], report.Missing);
        Assert.Equal(["bottom_up.stem.fc.weight"], report.Unexpected);
        Assert.Equal(["fpn_lateral3.weight"], report.ShapeMismatches.Select(m => m.Name));
    }

    [Fact] // M-28.
    public void CopyFrom_ReadsANormWithoutStatisticsAsMean0AndVariance1()
    {
        using DisposeScope scope = NewDisposeScope();
        using PyramidBackbone backbone = Build(GoldenModels.FcosSmall with
        {
            Backbone = GoldenModels.FcosSmall.Backbone with { Norm = DetectorNorm.FrozenBatch },
        });
        Dictionary<string, TensorRecord> state = DetectorState.ToRecords(backbone)
            .Where(r => !r.Name.Contains("running", StringComparison.Ordinal))
            .ToDictionary(r => r.Name, r => r.Tensor);

        DetectorState.CopyFrom(backbone, state);

        foreach (DetectorEntry entry in DetectorState.Entries(backbone))
        {
            if (entry.Name.EndsWith("running_mean", StringComparison.Ordinal))
                Assert.All(entry.Tensor.Doubles(), v => Assert.Equal(0, v));
            else if (entry.Name.EndsWith("running_var", StringComparison.Ordinal))
                Assert.All(entry.Tensor.Doubles(), v => Assert.Equal(1, v));
        }
    }

    [Fact]
    public void GroupNorms_AreCalledNormInTheResNetToo()
    {
        using DisposeScope scope = NewDisposeScope();
        DetectorSettings settings = GoldenModels.FcosR50;
        using PyramidBackbone backbone = Build(
            settings with { Backbone = settings.Backbone with { Norm = DetectorNorm.Group } });

        Assert.Equal(
            ["bottom_up.stem.conv1.weight", "bottom_up.stem.conv1.norm.weight", "bottom_up.stem.conv1.norm.bias",
                "bottom_up.res2.0.shortcut.weight", "bottom_up.res2.0.shortcut.norm.weight"],
            DetectorState.Entries(backbone).Select(e => e.Name)
                .Where(n => n.StartsWith("bottom_up", StringComparison.Ordinal)).Take(5));
    }

    private static PyramidBackbone Build(DetectorSettings settings) => new(settings, SingleProcess.Instance);

    private static bool OfBackbone(string line) => line.StartsWith(Prefix, StringComparison.Ordinal);

    private static string Line(JsonElement tensor) =>
        $"{tensor.GetProperty("name").GetString()} {tensor.GetProperty("kind").GetString()} "
        + $"{tensor.GetProperty("dtype").GetString()} {string.Join('x', tensor.GetProperty("shape").Longs())}";

    private static string Line(DetectorEntry entry) =>
        $"{entry.Name} {(entry.IsParameter ? "parameter" : "buffer")} "
        + $"{entry.Tensor.dtype.ToString().ToLowerInvariant()} {string.Join('x', entry.Tensor.shape)}";
}
