using System.Text.Json;
using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Torch;
using Dense.Torch.Flat;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using FcosDetector = Dense.Detection.Fcos.Fcos;

namespace Dense.Detection.Tests.Fcos;

/// <summary>A model of the golden data with its weights, and the means to train it.</summary>
internal sealed class FcosModel : IDisposable
{
    private readonly ScalarType _type;

    public FcosModel(FcosCase golden, ScalarType type = ScalarType.Float32, JsonElement? options = null)
        : this(golden.Settings(options), SingleProcess.Instance, type)
    {
    }

    public FcosModel(DetectorSettings settings, ICollectives collectives, ScalarType type)
    {
        _type = type;
        Detector = new FcosDetector(settings, collectives);
        DetectorFill.Fill(Detector, FillRule.Read(Golden.Require("detection", "fill_rule.json"), "fcos"));
        Detector.to(type);
        Detector.train();
    }

    public FcosDetector Detector { get; }

    /// <summary>Every parameter and buffer by name.</summary>
    public Dictionary<string, Tensor> State() =>
        DetectorState.Entries(Detector).ToDictionary(e => e.Name, e => e.Tensor, StringComparer.Ordinal);

    /// <summary>The gradients of trainable parameters.</summary>
    public Dictionary<string, double[]> Gradients() => DetectorState.Entries(Detector)
        .Where(e => e.Trainable).ToDictionary(e => e.Name, e => e.Tensor.grad!.Doubles(), StringComparer.Ordinal);

    /// <summary>The images as the network takes them.</summary>
    public ImageBatch Batch(IReadOnlyList<InputImage> images) => _type == ScalarType.Float32
        ? ImageBatching.Create(images, Detector.Settings, CPU)
        : ImageBatching.Create(
            [.. images.Select(i => tensor(i.Pixels, [3, i.Height, i.Width], ScalarType.Byte).to(_type))],
            Detector.Settings);

    /// <summary>The losses; backward has run.</summary>
    public Dictionary<string, double> Backward(IReadOnlyList<InputImage> images)
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<NamedLoss> losses = Detector.Losses(Batch(images), [.. images.Select(i => i.GroundTruth!)]);
        losses.Select(l => l.Value).Aggregate((a, b) => a + b).backward();
        return losses.ToDictionary(l => l.Name, l => l.Value.Doubles()[0], StringComparer.Ordinal);
    }

    /// <summary>The parameters in one buffer and their optimiser; norms have no weight decay (M-129).</summary>
    public (FlatParameters Parameters, FlatSgd Optimiser) Optimiser(bool channelsLast)
    {
        DetectorEntry[] entries = [.. DetectorState.Entries(Detector).Where(e => e.Trainable)];
        var parameters = new FlatParameters(
            [.. entries.Select(e => new NamedParameter(e.Name, (Parameter)e.Tensor))], channelsLast);
        SgdGroup Group(bool norm) => new()
        {
            Names = [.. entries.Where(e => e.IsNorm == norm).Select(e => e.Name)],
            LearningRate = 0,
            WeightDecay = norm ? 0 : 1e-4,
        };
        return (parameters, new FlatSgd(parameters, [Group(false), Group(true)]));
    }

    public void Dispose() => Detector.Dispose();
}
