using System.Text.Json;
using Dense.Checkpoints;
using Dense.Detection.Backbones;
using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Models.Layers;
using Dense.Torch;
using Dense.Torch.Tests;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.Backbones;

/// <summary>Weights, features and statistics of the golden models (M-147, M-149).</summary>
[LeakCheck]
[Trait("Category", "Golden")]
public class PyramidBackboneGoldenTests
{
    private const double Activation = 5e-5; // Of the largest magnitude: golden/detection/README.md.
    private const double NineDigits = 1e-8; // Numbers in JSON files.
    private const string Prefix = "backbone.";

    /// <summary>The golden models.</summary>
    public static TheoryData<string> Models =>
        ["fcos/small", "fcos/small_r18", "solov2/small", "fcos/r50", "solov2/r50"];

    /// <summary>The golden models of full size, in training and evaluation.</summary>
    public static TheoryData<string, string> FullRuns => new()
    {
        { "fcos/r50", "train" },
        { "fcos/r50", "infer" },
        { "solov2/r50", "train" },
        { "solov2/r50", "infer" },
    };

    /// <summary>Runs of the narrow models whose features are stored.</summary>
    public static TheoryData<string, string> SmallRuns => new()
    {
        { "fcos/small", "train_A_two_images" },
        { "fcos/small", "infer" },
        { "fcos/small_r18", "train_A_two_images" },
        { "fcos/small_r18", "infer" },
        { "solov2/small", "train_A_two_images" },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Fill_GivesTheStoredNormsAndValues(string folder)
    {
        using DisposeScope scope = NewDisposeScope();
        using PyramidBackbone backbone = Filled(folder);
        using JsonDocument facts = GoldenFacts.Of(folder);
        JsonElement checks = facts.RootElement.GetProperty("weight_checks");

        foreach (DetectorEntry entry in DetectorState.Entries(backbone, Prefix))
        {
            if (checks.TryGetProperty(entry.Name, out JsonElement check))
                AssertSummary(check, entry.Tensor, NineDigits, entry.Name);
            else
                Assert.EndsWith("num_batches_tracked", entry.Name, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(SmallRuns))]
    public void Features_AreTheReferences(string folder, string file)
    {
        using DisposeScope scope = NewDisposeScope();
        using PyramidBackbone backbone = Filled(folder);
        Dictionary<string, TensorRecord> golden = Read(folder, file);
        Tensor input = ImageBatching.Create(GoldenImages.Of(folder), GoldenModels.Of(folder), CPU).Pixels;

        Dictionary<string, Tensor> ours = Features(backbone, folder, input, training: file != "infer");

        foreach (var (name, expected) in golden.Where(g => ours.ContainsKey(g.Key)))
        {
            Assert.Equal(expected.Shape, ours[name].shape);
            AssertClose(expected.Doubles(), ours[name].Doubles(), name);
        }

        Assert.True(golden.Keys.Count(ours.ContainsKey) >= 2);
        foreach (var (name, expected) in golden.Where(g => g.Key.StartsWith("buffer_after_", StringComparison.Ordinal)))
            AssertClose(expected.Doubles(), Buffer(backbone, name["buffer_after_forward.".Length..]).Doubles(), name);
    }

    // M-149: in evaluation BatchNorm and FrozenBN are the same function.
    [Theory]
    [InlineData("fcos/small")]
    [InlineData("fcos/small_r18")]
    public void FeaturesWithFrozenNorms_AreTheReferences(string folder)
    {
        using DisposeScope scope = NewDisposeScope();
        DetectorSettings settings = GoldenModels.Of(folder);
        using PyramidBackbone source = Filled(folder), backbone = new(settings with
        {
            Backbone = settings.Backbone with { Norm = DetectorNorm.FrozenBatch },
            Pyramid = settings.Pyramid with { Norm = DetectorNorm.FrozenBatch },
        }, SingleProcess.Instance);
        DetectorState.CopyFrom(
            backbone, DetectorState.ToRecords(source).ToDictionary(r => r.Name, r => r.Tensor));
        Dictionary<string, TensorRecord> golden = Read(folder, "infer");
        Tensor input = ImageBatching.Create(GoldenImages.Of(folder), settings, CPU).Pixels;

        Dictionary<string, Tensor> ours = Features(backbone, folder, input, training: true);

        Assert.Empty(backbone.modules().OfType<BatchNormLayer>());
        foreach (var (name, expected) in golden.Where(g => ours.ContainsKey(g.Key)))
            AssertClose(expected.Doubles(), ours[name].Doubles(), name);
        Assert.True(golden.Keys.Count(ours.ContainsKey) >= 2);
    }

    // The sharp one: the reference's float32 run differs from our float64 run by just what it differs from its own.
    [Theory]
    [MemberData(nameof(SmallRuns))]
    public void FeaturesInFloat64_DifferFromFloat32ByTheRecordedRounding(string folder, string file)
    {
        using DisposeScope scope = NewDisposeScope();
        using PyramidBackbone backbone = Filled(folder);
        backbone.to(ScalarType.Float64);
        Dictionary<string, TensorRecord> golden = Read(folder, file);
        using JsonDocument facts = GoldenFacts.Of(folder);
        JsonElement rounding = facts.RootElement.GetProperty(file).GetProperty("f32_vs_f64");
        Tensor input = ImageBatching.Create(
            [.. GoldenImages.Of(folder).Select(AsFloat64)], GoldenModels.Of(folder)).Pixels;

        Dictionary<string, Tensor> ours = Features(backbone, folder, input, training: file != "infer");

        foreach (var (name, expected) in golden.Where(g => ours.ContainsKey(g.Key)))
        {
            double recorded = rounding.GetProperty(name).GetProperty("max_abs").GetDouble();
            Assert.Equal(recorded, TensorValues.Distance(expected.Doubles(), ours[name].Doubles()), recorded * 1e-6);
        }
    }

    [Theory]
    [MemberData(nameof(FullRuns))]
    public void FeaturesOfTheFullModel_AreTheReferences(string folder, string run)
    {
        using DisposeScope scope = NewDisposeScope();
        using PyramidBackbone backbone = Filled(folder);
        using JsonDocument facts = GoldenFacts.Of(folder);
        JsonElement expected = facts.RootElement.GetProperty(run);
        Tensor input = ImageBatching.Create(GoldenImages.Of(folder), GoldenModels.Of(folder), CPU).Pixels;

        Dictionary<string, Tensor> ours = Features(backbone, folder, input, training: run == "train");

        foreach (var (name, tensor) in ours.Append(new("input", input)))
        {
            JsonElement activation = expected.GetProperty("activations").GetProperty(name);
            double scale =
                Math.Max(activation.GetProperty("max").GetDouble(), -activation.GetProperty("min").GetDouble());
            Assert.Equal(activation.GetProperty("shape").Longs(), tensor.shape);
            double[] sample = tensor.At(activation.GetProperty("sample_index"));
            Assert.True(
                TensorValues.Distance(activation.GetProperty("sample").Numbers(), sample) < Activation * scale, name);
            Assert.Equal(1, TensorValues.Norm(tensor.Doubles()) / activation.GetProperty("l2").GetDouble(), Activation);
        }

        if (expected.TryGetProperty("buffers_after_forward", out JsonElement buffers))
        {
            foreach (JsonProperty buffer in buffers.EnumerateObject())
                AssertSummary(buffer.Value, Buffer(backbone, buffer.Name), Activation, buffer.Name);
        }
    }

    [Theory]
    [InlineData("fcos/small", "train_A_two_images")]
    [InlineData("fcos/small", "infer")]
    [InlineData("solov2/small", "infer")]
    public void Batch_IsTheReferencesInput(string folder, string file)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor expected = Read(folder, file)["input"].ToTensor();

        ImageBatch batch = ImageBatching.Create(GoldenImages.Of(folder), GoldenModels.Of(folder), CPU);

        Assert.Equal(expected.shape, batch.Pixels.shape);
        Assert.Equal(0, TensorValues.Distance(expected, batch.Pixels));
    }

    private static PyramidBackbone Filled(string folder)
    {
        var backbone = new PyramidBackbone(GoldenModels.Of(folder), SingleProcess.Instance);
        DetectorFill.Fill(backbone, GoldenModels.FillOf(folder), Prefix);
        return backbone;
    }

    private static Dictionary<string, Tensor> Features(
        PyramidBackbone backbone, string folder, Tensor input, bool training)
    {
        backbone.train(training);
        using IDisposable noGradient = no_grad();
        Tensor[] bottomUp = backbone.BottomUp.call(input);
        IEnumerable<string> stages = GoldenModels.Of(folder).Pyramid.InFeatures.Select(f => $"bottom_up.{f}");
        return stages.Zip(bottomUp)
            .Concat(backbone.LevelNames.Select(l => $"fpn.{l}").Zip(backbone.Levels(bottomUp)))
            .ToDictionary(f => f.First, f => f.Second, StringComparer.Ordinal);
    }

    private static Tensor AsFloat64(InputImage image) =>
        tensor(image.Pixels, [3, image.Height, image.Width], ScalarType.Byte).to(ScalarType.Float64);

    private static Tensor Buffer(PyramidBackbone backbone, string name) =>
        DetectorState.Entries(backbone, Prefix).Single(e => e.Name == name).Tensor;

    private static void AssertSummary(JsonElement expected, Tensor ours, double tolerance, string name)
    {
        Assert.Equal(1, TensorValues.Norm(ours.Doubles()) / expected.GetProperty("l2").GetDouble(), tolerance);
        double[] values = expected.GetProperty("val").Numbers();
        double error = TensorValues.Distance(values, ours.At(expected.GetProperty("idx")));
        Assert.True(error <= tolerance * Math.Max(1, values.Max(Math.Abs)), $"{name}: {error}");
    }

    private static void AssertClose(double[] expected, double[] ours, string name)
    {
        double error = TensorValues.Distance(expected, ours) / expected.Max(Math.Abs);
        Assert.True(error < Activation, $"{name}: {error}");
    }

    private static Dictionary<string, TensorRecord> Read(string folder, string file) =>
        GoldenTensors.Read(Golden.Require(["detection", .. folder.Split('/'), file + ".safetensors"]));
}
