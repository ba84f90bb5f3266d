using System.Text.Json;
using Dense.Detection.Settings;
using Dense.Detection.SoloV2;
using Dense.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.SoloV2;

/// <summary>A golden model with its weights, its images and a plain SGD, in one floating-point type.</summary>
internal sealed class SoloRun : IDisposable
{
    private const double Momentum = 0.9;
    private const double WeightDecay = 1e-4;

    private readonly string _folder;
    private readonly ScalarType _type;
    private readonly Dictionary<string, Tensor> _momentum = [];

    /// <param name="folder"><c>small</c> or <c>r50</c>.</param>
    /// <param name="type">float32 or float64.</param>
    /// <param name="training">Whether norms use the batch.</param>
    /// <param name="collectives">The other ranks; none by default.</param>
    /// <param name="change">Changes the model's settings.</param>
    public SoloRun(
        string folder,
        ScalarType type,
        bool training,
        ICollectives? collectives = null,
        Func<DetectorSettings, DetectorSettings>? change = null)
    {
        (_folder, _type) = (folder, type);
        DetectorSettings settings = GoldenModels.Of($"solov2/{folder}");
        Detector = new SoloV2Detector(change?.Invoke(settings) ?? settings, collectives ?? SingleProcess.Instance);
        DetectorFill.Fill(Detector, GoldenModels.FillOf("solov2/small"));
        if (type == ScalarType.Float64)
            Detector.to(ScalarType.Float64);
        Detector.train(training);
    }

    public SoloV2Detector Detector { get; }

    public IReadOnlyList<DetectorEntry> Entries => DetectorState.Entries(Detector);

    /// <summary>Images by name; full-size images are called 0 and 1.</summary>
    public (JsonElement Record, InputImage Image)[] Images(params IEnumerable<string> names)
    {
        JsonElement records = _folder == "r50"
            ? SoloGolden.Json("r50", "annotations.json")
            : SoloGolden.Json("annotations.json").GetProperty("images");
        string home = _folder == "r50" ? "solov2/r50" : "solov2";
        return [.. names.Select(n => _folder == "r50" ? records[n[0] - '0'] : records.GetProperty(n))
            .Select(record => (record, GoldenImages.Read(home, record)))];
    }

    /// <summary>Normalised and padded; the caller owns it.</summary>
    public ImageBatch Batch(IEnumerable<(JsonElement Record, InputImage Image)> images) => ImageBatching.Create(
        [.. images.Select(i => tensor(i.Image.Pixels, [3, i.Image.Height, i.Image.Width], ScalarType.Byte).to(_type))],
        Detector.Settings);

    /// <summary>The losses of some images.</summary>
    public IReadOnlyList<NamedLoss> Losses(params IEnumerable<string> names)
    {
        var images = Images(names);
        return Detector.Losses(Batch(images), [.. images.Select(i => SoloGolden.Truth(i.Record))]);
    }

    /// <summary>The detections in some images.</summary>
    public IReadOnlyList<ImageDetections> Detect(params IEnumerable<string> names)
    {
        var images = Images(names);
        return Detector.Detect(Batch(images), [.. images.Select(i => i.Image)]);
    }

    /// <summary>One step of SGD with momentum; norms do not decay (SOLVER.WEIGHT_DECAY_NORM 0).</summary>
    public void Step(double learningRate)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach (DetectorEntry entry in Entries.Where(e => e.Trainable))
        {
            Tensor gradient = entry.IsNorm
                ? entry.Tensor.grad!.clone()
                : entry.Tensor.grad! + WeightDecay * entry.Tensor;
            if (_momentum.TryGetValue(entry.Name, out Tensor? momentum))
                momentum.mul_(Momentum).add_(gradient);
            else
                _momentum[entry.Name] = momentum = gradient.DetachFromDisposeScope();
            entry.Tensor.sub_(momentum * learningRate);
        }

        Detector.zero_grad();
    }

    public void Dispose()
    {
        Detector.Dispose();
        foreach (Tensor momentum in _momentum.Values)
            momentum.Dispose();
    }
}
