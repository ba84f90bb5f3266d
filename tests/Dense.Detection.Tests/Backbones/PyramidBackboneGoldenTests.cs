using System.Text.Json;
using Dense.Checkpoints;
using Dense.Detection.Backbones;
using Dense.Distributed;
using Dense.Torch;
using Dense.Torch.Tests;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.Backbones;

/// <summary>Features and statistics of the golden models (M-147, M-149).</summary>
[LeakCheck]
[Trait("Category", "Golden")]
public class PyramidBackboneGoldenTests
{
    private const double Activation = 5e-5; // Of the largest magnitude: golden/detection/README.md.
    private const string Prefix = "backbone.";

    [Theory]
    [InlineData("fcos/small")]
    [InlineData("fcos/small_r18")]
    [InlineData("solov2/small")]
    [InlineData("fcos/r50")]
    [InlineData("solov2/r50")]
    public void Fill_GivesTheStoredNormsAndValues(string folder)
    {
        using DisposeScope scope = NewDisposeScope();
        using PyramidBackbone backbone = Filled(folder);
        using JsonDocument facts = Facts(folder);
        JsonElement checks = facts.RootElement.GetProperty("weight_checks");

        foreach (DetectorEntry entry in DetectorState.Entries(backbone, Prefix))
        {
            if (!checks.TryGetProperty(entry.Name, out JsonElement check))
            {
                Assert.EndsWith("num_batches_tracked", entry.Name, StringComparison.Ordinal);
                continue;
            }

            Tensor wide = entry.Tensor.detach().to(ScalarType.Float64).flatten();
            Assert.Equal(check.GetProperty("l2").GetDouble(), wide.norm().item<double>(), 1e-5);
            double[] values = wide.index_select(0, tensor(Longs(check.GetProperty("idx")))).Doubles();
            Assert.True(TensorValues.Distance(Numbers(check.GetProperty("val")), values) < 1e-8, entry.Name);
        }
    }

    [Theory]
    [InlineData("fcos/small", "fcos/small", "train_A_two_images", true)]
    [InlineData("fcos/small", "fcos/small", "infer", false)]
    [InlineData("fcos/small_r18", "fcos/small", "train_A_two_images", true)]
    [InlineData("fcos/small_r18", "fcos/small", "infer", false)]
    public void Features_AreTheReferences(string folder, string inputFolder, string file, bool training)
    {
        using DisposeScope scope = NewDisposeScope();
        using PyramidBackbone backbone = Filled(folder);
        Dictionary<string, TensorRecord> golden = Read(folder, file);
        Tensor input = Read(inputFolder, file)["input"].ToTensor();
        backbone.train(training);

        using (no_grad())
        {
            Tensor[] bottomUp = backbone.BottomUp.call(input);
            Compare(golden, "bottom_up", GoldenModels.Of(folder).Pyramid.InFeatures, bottomUp);
            Compare(golden, "fpn", backbone.LevelNames, backbone.Levels(bottomUp));
        }

        foreach (var (name, value) in golden.Where(g => g.Key.StartsWith("buffer_after_", StringComparison.Ordinal)))
        {
            string entry = name["buffer_after_forward.".Length..];
            Tensor ours = DetectorState.Entries(backbone, Prefix).Single(e => e.Name == entry).Tensor;
            AssertClose(value.Doubles(), ours.Doubles(), name);
        }
    }

    internal static PyramidBackbone Filled(string folder)
    {
        var backbone = new PyramidBackbone(GoldenModels.Of(folder), SingleProcess.Instance);
        DetectorFill.Fill(backbone, GoldenModels.FillOf(folder), Prefix);
        return backbone;
    }

    private static void Compare(
        Dictionary<string, TensorRecord> golden, string part, IEnumerable<string> names, Tensor[] ours)
    {
        int compared = 0;
        foreach (var (name, tensor) in names.Zip(ours))
        {
            if (!golden.TryGetValue($"{part}.{name}", out TensorRecord? expected))
                continue;

            compared++;
            Assert.Equal(expected.Shape, tensor.shape);
            AssertClose(expected.Doubles(), tensor.Doubles(), $"{part}.{name}");
        }

        Assert.True(compared > 0, part);
    }

    private static void AssertClose(double[] expected, double[] ours, string name)
    {
        double error = TensorValues.Distance(expected, ours) / expected.Max(Math.Abs);
        Assert.True(error < Activation, $"{name}: {error}");
    }

    private static Dictionary<string, TensorRecord> Read(string folder, string file) =>
        GoldenTensors.Read(Golden.Require(["detection", .. folder.Split('/'), file + ".safetensors"]));

    private static JsonDocument Facts(string folder) =>
        JsonDocument.Parse(File.ReadAllBytes(Golden.Require(["detection", .. folder.Split('/'), "facts.json"])));

    private static long[] Longs(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetInt64())];

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetDouble())];
}
