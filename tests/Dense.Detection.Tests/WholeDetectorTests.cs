using System.Text.Json;
using Dense.Detection.SoloV2;
using Dense.Distributed;
using Dense.Torch.Tests;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests;

/// <summary>Whole detectors of full size against the stored lists (M-129, M-147).</summary>
[LeakCheck]
[Trait("Category", "Golden")]
public class WholeDetectorTests
{
    [Theory] // M-22, M-36, M-44, M-129.
    [InlineData("fcos_r50", 90, 32_238_618, 134, 60_288, 401)]
    [InlineData("solov2_r50", 81, 46_527_248, 154, 67_712, 418)]
    public void Entries_AreTheReferencesInItsOrder(
        string model, int decayed, long decayedNumbers, int norms, long normNumbers, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using Detector detector = Build(model);
        using JsonDocument file = GoldenFacts.Read("pieces", $"state_names_{model}.json");

        IReadOnlyList<DetectorEntry> entries = DetectorState.Entries(detector);

        Assert.Equal(count, entries.Count);
        Assert.Equal(
            file.RootElement.GetProperty("tensors").EnumerateArray().Select(t => (
                t.GetProperty("name").GetString()!,
                t.GetProperty("kind").GetString() == "parameter",
                string.Join('x', t.GetProperty("shape").Longs()))),
            entries.Select(e => (e.Name, e.IsParameter, string.Join('x', e.Tensor.shape))));
        DetectorEntry[] weights = [.. entries.Where(e => e.Trainable && !e.IsNorm)];
        DetectorEntry[] scales = [.. entries.Where(e => e.Trainable && e.IsNorm)];
        Assert.Equal((decayed, decayedNumbers), (weights.Length, weights.Sum(e => e.Tensor.numel())));
        Assert.Equal((norms, normNumbers), (scales.Length, scales.Sum(e => e.Tensor.numel())));
    }

    [Theory] // E-79: the order in which optimisers number parameters.
    [InlineData("fcos_r50")]
    [InlineData("solov2_r50")]
    public void Groups_HoldTheReferencesNamesInItsOrder(string model)
    {
        using DisposeScope scope = NewDisposeScope();
        using Detector detector = Build(model);
        using JsonDocument file = GoldenFacts.Read("pieces", $"param_groups_{model}.json");
        JsonElement groups = file.RootElement.GetProperty("default").GetProperty("groups");

        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(
                groups[i].GetProperty("names").EnumerateArray().Select(n => n.GetString()!),
                DetectorState.Entries(detector).Where(e => e.Trainable && e.IsNorm == (i == 1)).Select(e => e.Name));
        }
    }

    [Theory] // M-23, M-37, M-46.
    [InlineData("fcos_r50")]
    [InlineData("solov2_r50")]
    public void Initialisation_HasTheReferencesMeansAndDeviations(string model)
    {
        const double DrawsApart = 6; // Deviations; a constant must be met exactly.
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(5);
        using Detector detector = Build(model);
        using JsonDocument file = GoldenFacts.Read("pieces", $"init_statistics_{model}.json");
        JsonElement statistics = file.RootElement.GetProperty("parameters");

        foreach (DetectorEntry entry in DetectorState.Entries(detector).Where(e => e.IsParameter))
        {
            JsonElement expected = statistics.GetProperty(entry.Name);
            double[] values = entry.Tensor.Doubles();
            double mean = values.Average(), deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
            double reference = expected.GetProperty("std").GetDouble();
            double limit = DrawsApart * reference * Math.Sqrt(2.0 / values.Length) + 1e-6;

            Assert.True(Math.Abs(expected.GetProperty("mean").GetDouble() - mean) <= limit, entry.Name);
            Assert.True(Math.Abs(reference - deviation) <= limit, entry.Name);
        }
    }

    private static Detector Build(string model) => model switch
    {
        "fcos_r50" => new global::Dense.Detection.Fcos.Fcos(GoldenModels.FcosR50, SingleProcess.Instance),
        "solov2_r50" => new SoloV2Detector(GoldenModels.SoloR50, SingleProcess.Instance),
        _ => throw new ArgumentException($"There is no detector {model}."),
    };
}
