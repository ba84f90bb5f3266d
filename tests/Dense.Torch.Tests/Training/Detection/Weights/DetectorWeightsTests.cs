using Dense.Checkpoints;
using Dense.Checkpoints.Conversion;
using Dense.Detection;
using Dense.Detection.Backbones;
using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Training.Detection.Checkpointing;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Settings;
using Dense.Training.Detection.Weights;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Training.Detection.Weights;

/// <summary>Weight files into a network: every format, and the refusals (E-62, E-192, M-134, M-137).</summary>
[LeakCheck]
public sealed class DetectorWeightsTests : IDisposable
{
    private const string Sample = "backbone.bottom_up.res3.0.conv1.weight";

    private static readonly DetectionRunSettings Settings = new()
    {
        Detector = new DetectorSettings
        {
            Backbone = new BackboneSettings
            {
                Norm = DetectorNorm.Batch,
                FreezeAt = 0,
                StrideInOneByOne = false,
                WidthPerGroup = 4,
                Res2OutChannels = 16,
                StemOutChannels = 4,
                OutFeatures = ["res3", "res4", "res5"],
            },
            Pyramid = new PyramidSettings { InFeatures = ["res3", "res4", "res5"], OutChannels = 8 },
            PixelMean = [123.675, 116.28, 103.53],
            PixelStd = [58.395, 57.12, 57.375],
        },
        Data = new DetectionDataSettings { ChannelOrder = ChannelOrder.Rgb },
    };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("b.pkl")]
    [InlineData("b.pth")]
    [InlineData("b.safetensors")]
    public void Load_TakesABackboneOfEveryFormat(string name)
    {
        using var source = new Network();
        using var target = new Network();
        string path = WriteBackbone(source, name);

        LoadedWeights loaded = DetectorWeights.Load(target, path, Settings);

        AssertEqual(source, target, Sample);
        Assert.Contains("loaded 265 of 265 backbone tensors", loaded.Summary);
        Assert.DoesNotContain(loaded.Warnings, warning => warning.Contains("MODEL.", StringComparison.Ordinal));
        Assert.Contains("backbone.fpn_lateral3.weight", loaded.Report.Missing);
    }

    [Fact]
    public void Load_ConvertsTheElementTypeOfTheFile()
    {
        using var source = new Network();
        using var target = new Network();
        string path = WriteBackbone(source, "b.pth");
        target.to(ScalarType.Float64);

        DetectorWeights.Load(target, path, Settings);

        using Tensor expected = Entry(source).to(ScalarType.Float64);
        Assert.Equal(ScalarType.Float64, Entry(target).dtype);
        Assert.Equal(expected.ToRecord().Bytes.ToArray(), Entry(target).ToRecord().Bytes.ToArray());
    }

    [Fact]
    public void Load_NamesWhatContradictsTheWeights()
    {
        using var network = new Network();
        string path = WriteBackbone(network, "b.pkl");
        DetectionRunSettings bgr = Settings with
        {
            Data = new DetectionDataSettings { ChannelOrder = ChannelOrder.Bgr },
            Detector = Settings.Detector with
            {
                PixelMean = [103.53, 116.28, 123.675],
                PixelStd = [1, 1, 1],
                Backbone = Settings.Detector.Backbone with { StrideInOneByOne = true },
            },
        };

        IReadOnlyList<string> warnings = DetectorWeights.Load(network, path, bgr).Warnings;

        string[] keys = ["INPUT.FORMAT", "MODEL.PIXEL_MEAN", "MODEL.PIXEL_STD", "MODEL.RESNETS.STRIDE_IN_1X1"];
        foreach (string key in keys)
            Assert.Contains(warnings, warning => warning.StartsWith(key + " is ", StringComparison.Ordinal));
    }

    // M-136: folded weights are right for FrozenBN, and for nothing else.
    [Theory]
    [InlineData(DetectorNorm.Batch, true)]
    [InlineData(DetectorNorm.SyncBatch, true)]
    [InlineData(DetectorNorm.FrozenBatch, false)]
    public void Load_WarnsOfWeightsWithoutStatisticsWhereTheyAreNeeded(DetectorNorm norm, bool warns)
    {
        using var network = new Network();
        string path = _folder["folded.pth"];
        TorchFile.Write(path, new DetectionCheckpoint
        {
            Model =
            [
                .. DetectorState.ToRecords(network)
                    .Where(e => !e.Name.Contains(".running_", StringComparison.Ordinal)),
            ],
        }.ToMap());
        DetectionRunSettings settings = Settings with
        {
            Detector = Settings.Detector with { Backbone = Settings.Detector.Backbone with { Norm = norm } },
        };

        IReadOnlyList<string> warnings = DetectorWeights.Load(network, path, settings).Warnings;

        Assert.Equal(warns, warnings.Any(w => w.Contains("set MODEL.RESNETS.NORM to FrozenBN")));
    }

    [Fact]
    public void Load_WarnsOfATensorOfAnotherShapeWithBothShapes()
    {
        using var network = new Network();
        string path = _folder["other.pth"];
        TorchFile.Write(path, new DetectionCheckpoint
        {
            Model =
            [
                .. DetectorState.ToRecords(network).Select(e => e.Name != "backbone.fpn_output4.bias"
                    ? e : new NamedTensor(e.Name, new TensorRecord(ElementType.Float32, [1], new byte[4]))),
            ],
        }.ToMap());

        LoadedWeights loaded = DetectorWeights.Load(network, path, Settings);

        Assert.Contains("not loaded: backbone.fpn_output4.bias: [1] in the file, [8] expected", loaded.Warnings);
    }

    // E-51: what a training program of others puts beside the weights.
    [Fact]
    public void Load_ReadsPastObjectsOfUnknownClassesWhenAllowed()
    {
        using var network = new Network();
        byte[] pkl = File.ReadAllBytes(WriteBackbone(network, "b.pkl"));
        string path = _folder.Write("opaque.pkl", [.. pkl[..^1], .. "X\u0003\0\0\0cfgcyacs.config\nCfgNode\n)Rs."u8]);

        var error = Assert.Throws<CheckpointFormatException>(() => DetectorWeights.Load(network, path, Settings));
        LoadedWeights loaded = DetectorWeights.Load(network, path, Settings, new() { AllowOpaqueObjects = true });

        Assert.Contains("yacs.config.CfgNode", error.Message);
        Assert.Contains("--allow-opaque-pickle-objects", error.Message);
        Assert.Contains("loaded 265 of 265 backbone tensors", loaded.Summary);
    }

    [Fact]
    public void Load_TakesATrainingCheckpointWhole()
    {
        using var source = new Network();
        using var target = new Network();
        string path = _folder["model_final.pth"];
        TorchFile.Write(path, new DetectionCheckpoint { Model = DetectorState.ToRecords(source) }.ToMap());

        LoadedWeights loaded = DetectorWeights.Load(
            target, path, Settings, new DetectorWeightOptions { EvaluationOnly = true });

        Assert.True(loaded.Report.IsComplete);
        AssertEqual(source, target, "backbone.fpn_output4.weight");
    }

    [Fact]
    public void Load_RefusesWhatLeavesRandomWeightsUnlessAllowed()
    {
        using var network = new Network();
        string backbone = WriteBackbone(network, "b.pth");
        string half = _folder["half.pth"];
        TorchFile.Write(half, new DetectionCheckpoint
        {
            Model =
            [
                .. DetectorState.ToRecords(network)
                    .Where(e => !e.Name.Contains(".res5.", StringComparison.Ordinal)),
            ],
        }.ToMap());

        Assert.Contains("res5", Refused(half, new()).Message);
        Assert.Contains("fpn_", Refused(backbone, new() { EvaluationOnly = true }).Message);
        DetectorWeights.Load(network, half, Settings, new() { AllowMissing = true, EvaluationOnly = true });

        CheckpointFormatException Refused(string path, DetectorWeightOptions options) =>
            Assert.Throws<CheckpointFormatException>(() => DetectorWeights.Load(network, path, Settings, options));
    }

    [Fact]
    public void Load_SaysWhichFileIsMissing()
    {
        using var network = new Network();

        var error = Assert.Throws<FileNotFoundException>(
            () => DetectorWeights.Load(network, _folder["none.pth"], Settings));

        Assert.Contains("Set MODEL.WEIGHTS", error.Message);
    }

    private string WriteBackbone(Network network, string name)
    {
        const string Prefix = "backbone.bottom_up.";
        string pkl = _folder["source.pkl"];
        Detectron2File.Write(pkl, DetectorState.ToRecords(network)
            .Where(entry => entry.Name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(entry => KeyValuePair.Create(entry.Name[Prefix.Length..], entry.Tensor)), "OpenSelfSup");
        string path = _folder[name];
        BackboneConversion.Write(WeightFile.Recognize(CheckpointFile.Read(pkl)), path);
        return path;
    }

    private static void AssertEqual(Network expected, Network actual, string name) =>
        Assert.Equal(Entry(expected, name).ToRecord().Bytes.ToArray(), Entry(actual, name).ToRecord().Bytes.ToArray());

    private static Tensor Entry(nn.Module network, string name = Sample) =>
        DetectorState.Entries(network).Single(entry => entry.Name == name).Tensor;

    // What the loader sees of a detector: its names.
    private sealed class Network : nn.Module
    {
        public Network()
            : base(nameof(Network)) => RegisterComponents();

        [field: ComponentName(Name = "backbone")]
        public PyramidBackbone Backbone { get; } = new(Settings.Detector, SingleProcess.Instance);
    }
}
