using System.Text.Json;
using Dense.Detection.Fcos;
using Dense.Detection.Settings;
using Dense.Torch.Tests;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.Fcos;

/// <summary>Whole models with the reference's weights and images.</summary>
[LeakCheck]
[Trait("Category", "Golden")]
public sealed class FcosModelGoldenTests
{
    private const double Activation = 5e-5;
    private const double Loss = 1e-5;
    private const double Float64 = 1e-5;
    private const double Exact = 1e-8;

    public static TheoryData<string> Cases => FcosCase.All;

    public static TheoryData<string, string> Trainings() =>
        FcosCase.Keys(p => p.Name.StartsWith("train", StringComparison.Ordinal));

    public static TheoryData<string, string> TrainingsInFloat64() => FcosCase.Keys(p =>
        p.Name.StartsWith("train", StringComparison.Ordinal)
        && p.Value.GetProperty("gradients").EnumerateObject().Any(g => g.Value.TryGetProperty("float64", out _)));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Names_ShapesAndFilledWeightsEqualTheReference(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        var golden = new FcosCase(name);
        using var model = new FcosModel(golden);
        IReadOnlyList<DetectorEntry> entries = DetectorState.Entries(model.Detector);

        Assert.Equal(
            golden.StateNames().EnumerateArray().Select(e => (
                e.GetProperty("name").GetString()!,
                e.GetProperty("kind").GetString() == "parameter",
                string.Join(',', e.GetProperty("shape").Longs()))),
            entries.Select(e => (e.Name, e.IsParameter, string.Join(',', e.Tensor.shape))));
        foreach (JsonProperty check in golden.Facts.GetProperty("weight_checks").EnumerateObject())
        {
            double[] values = entries.Single(e => e.Name == check.Name).Tensor.Doubles();
            GoldenSummary.Near(check.Value, check.Value.GetProperty("idx"), values, Exact, check.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Trainings))]
    public void Training_EqualsTheReference(string name, string key)
    {
        using DisposeScope scope = NewDisposeScope();
        var golden = new FcosCase(name);
        JsonElement facts = golden.Facts.GetProperty(key);
        using var model = new FcosModel(golden);

        Dictionary<string, double> losses = model.Backward(golden.Batch(key));

        foreach (JsonProperty loss in facts.GetProperty("losses").EnumerateObject())
            FcosLossesTests.Near(loss.Value.GetDouble(), losses[loss.Name], Loss);
        Dictionary<string, double[]> gradients = model.Gradients();
        foreach (JsonProperty gradient in facts.GetProperty("gradients").EnumerateObject())
        {
            GoldenSummary.NearInNorm(
                gradient.Value, gradients[gradient.Name], GradientTolerance(gradient.Value), gradient.Name);
        }

        if (!golden.Has(key))
            return;
        GoldenArrays arrays = golden.Arrays(key);
        Dictionary<string, Tensor> state = model.State();
        foreach (string array in arrays.Names)
        {
            using DisposeScope inner = NewDisposeScope();
            if (array.StartsWith("grad.", StringComparison.Ordinal))
            {
                double tolerance = GradientTolerance(facts.GetProperty("gradients").GetProperty(array[5..]));
                double difference = TensorValues.RelativeDistance(
                    gradients[array[5..]], GoldenLevels.Read(arrays, array).Doubles());
                Assert.True(difference <= tolerance, $"{array}: {difference} > {tolerance}");
            }
            else if (array.StartsWith("buffer_after_forward.", StringComparison.Ordinal))
            {
                Close(GoldenLevels.Read(arrays, array), state[array["buffer_after_forward.".Length..]], array);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Trainings))]
    public void Predictions_InTrainingEqualTheReference(string name, string key)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        var golden = new FcosCase(name);
        using var model = new FcosModel(golden);

        IReadOnlyList<FcosLevel> levels = model.Detector.Predict(model.Batch(golden.Batch(key)).Pixels);

        ComparePredictions(golden, key, levels);
    }

    [Theory]
    [MemberData(nameof(TrainingsInFloat64))]
    public void TrainingInFloat64_EqualsTheReferenceSharply(string name, string key)
    {
        using DisposeScope scope = NewDisposeScope();
        var golden = new FcosCase(name);
        JsonElement facts = golden.Facts.GetProperty(key);
        using var model = new FcosModel(golden, ScalarType.Float64);

        Dictionary<string, double> losses = model.Backward(golden.Batch(key));

        foreach (JsonProperty loss in facts.GetProperty("losses_float64").EnumerateObject())
            FcosLossesTests.Near(loss.Value.GetDouble(), losses[loss.Name], Loss);
        Dictionary<string, double[]> gradients = model.Gradients();
        foreach (JsonProperty gradient in facts.GetProperty("gradients").EnumerateObject())
        {
            GoldenSummary.Near(
                gradient.Value.GetProperty("float64"), gradient.Value.GetProperty("idx"),
                gradients[gradient.Name], Float64, gradient.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void LossVariants_EqualTheReference(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        var golden = new FcosCase(name);
        if (!golden.Facts.TryGetProperty("loss_variants", out JsonElement variants))
            return; // The full-size model has none.
        using var model = new FcosModel(golden);
        IReadOnlyList<InputImage> images = golden.Batch("train_A_two_images");
        using IDisposable noGradient = no_grad();
        IReadOnlyList<FcosLevel> levels = model.Detector.Predict(model.Batch(images).Pixels);

        foreach (JsonProperty variant in variants.EnumerateObject())
        {
            FcosSettings settings = golden.Settings(variant.Value.GetProperty("options")).Fcos;
            IReadOnlyList<NamedLoss> losses = FcosLossesTests.Compute(
                settings, levels, [.. images.Select(i => i.GroundTruth!)], FcosLossesTests.CallNumber(variant.Name));
            Assert.Equal(
                variant.Value.GetProperty("losses").EnumerateObject().Select(l => l.Name), losses.Select(l => l.Name));
            foreach (NamedLoss loss in losses)
            {
                FcosLossesTests.Near(
                    variant.Value.GetProperty("losses").GetProperty(loss.Name).GetDouble(), loss.Value.Doubles()[0],
                    Loss);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Inference_EqualsTheReference(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        var golden = new FcosCase(name);
        IReadOnlyList<InputImage> images = golden.InferenceImages();
        using var model = new FcosModel(golden);
        model.Detector.eval();
        GoldenArrays expected = golden.Arrays(golden.Has("infer") ? "infer" : "detections");
        using ImageBatch batch = model.Batch(images);

        ComparePredictions(golden, "infer", model.Detector.Predict(batch.Pixels));
        IReadOnlyList<FcosDetections> found = model.Detector.Find(batch);
        IReadOnlyList<ImageDetections> final = model.Detector.Detect(batch, images);

        for (int i = 0; i < images.Count; i++)
        {
            FcosDetections wanted = DetectionMatch.Read(expected, $"det{i}");
            FcosDetections ours = found[i].InOriginal(
                batch.Sizes[i], (images[i].OriginalHeight, images[i].OriginalWidth));
            DetectionMatch.Equal(wanted, ours, withLocations: true);
            Assert.Equal(ours.Boxes, final[i].Boxes);
            Assert.Equal(ours.Scores, final[i].Scores);
            Assert.Equal(ours.Classes, final[i].Classes);
            Assert.Equal((images[i].OriginalHeight, images[i].OriginalWidth), (final[i].Height, final[i].Width));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void InferenceVariants_FindAsManyAsTheReference(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        var golden = new FcosCase(name);
        if (!golden.Facts.TryGetProperty("infer_variants", out JsonElement variants))
            return; // The full-size model has none.
        IReadOnlyList<InputImage> images = golden.InferenceImages();
        using var model = new FcosModel(golden);
        model.Detector.eval();
        using IDisposable noGradient = no_grad();
        using ImageBatch batch = model.Batch(images);
        IReadOnlyList<FcosLevel> levels = model.Detector.Predict(batch.Pixels);

        foreach (JsonProperty variant in variants.EnumerateObject())
        {
            FcosSettings settings = golden.Settings(variant.Value.GetProperty("options")).Fcos;
            var compatibility = new CompatibilitySettings { ShiftedClassNms = true };
            IReadOnlyList<FcosDetections> found =
                new FcosInference(settings, compatibility).Detect(levels, batch.Sizes);
            Assert.Equal(
                variant.Value.GetProperty("num").Longs(),
                found.Zip(batch.Sizes, images).Select(f => (long)f.First.InOriginal(
                    f.Second, (f.Third.OriginalHeight, f.Third.OriginalWidth)).Count));
        }
    }

    private static void ComparePredictions(FcosCase golden, string key, IReadOnlyList<FcosLevel> levels)
    {
        foreach (var (level, i) in levels.Select((level, i) => (level, i)))
        {
            Compare(golden, key, $"head.logits.{i}", level.Logits);
            Compare(golden, key, $"head.bbox_reg.{i}", level.Distances);
            Compare(golden, key, $"head.ctrness.{i}", level.Quality);
        }
    }

    private static void Compare(FcosCase golden, string key, string name, Tensor actual)
    {
        using DisposeScope scope = NewDisposeScope();
        if (golden.Has(key) && golden.Arrays(key) is { } arrays && arrays.Names.Contains(name))
            Close(GoldenLevels.Read(arrays, name), actual, name);
        if (!golden.Facts.GetProperty(key).TryGetProperty("activations", out JsonElement activations))
            return;

        JsonElement facts = activations.GetProperty(name);
        double[] values = actual.Doubles();
        double largest = Math.Max(facts.GetProperty("max").GetDouble(), -facts.GetProperty("min").GetDouble());
        double[] sample = [.. facts.GetProperty("sample_index").Longs().Select(j => values[j])];
        Assert.Equal(facts.GetProperty("shape").Longs(), actual.shape);
        Assert.InRange(
            TensorValues.Distance(facts.GetProperty("sample").Numbers(), sample), 0, Activation * largest);
        FcosLossesTests.Near(facts.GetProperty("l2").GetDouble(), TensorValues.Norm(values), Activation);
    }

    private static void Close(Tensor expected, Tensor actual, string name)
    {
        Assert.Equal(expected.shape, actual.shape);
        double[] wanted = expected.Doubles();
        double difference = TensorValues.Distance(wanted, actual.Doubles()), largest = wanted.Max(Math.Abs);
        Assert.True(difference <= Activation * largest, $"{name}: {difference} of {largest}");
    }

    private static double GradientTolerance(JsonElement gradient) =>
        Math.Clamp(10 * gradient.GetProperty("rel_l2_vs_f64").GetDouble(), 1e-3, 5e-2);
}
