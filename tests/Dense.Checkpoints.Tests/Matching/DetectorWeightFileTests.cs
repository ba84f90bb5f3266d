using Dense.Checkpoints.Conversion;
using Dense.Checkpoints.Matching;
using Dense.Checkpoints.Tests.Conversion;

namespace Dense.Checkpoints.Tests.Matching;

/// <summary>
/// What files offer to a detector, and what the detector makes of it (E-43 to E-45, E-61 to E-63, M-153).
/// </summary>
public class DetectorWeightFileTests
{
    private const int Depth = 18;
    private const string Prefix = "backbone.bottom_up.";

    // A detector around a ResNet-18: its backbone and one tensor beside it.
    private static readonly TensorLayout[] Model =
    [
        .. ResNetLayout.Of(Depth)
            .Select(layout => layout with { Name = Prefix + BackboneNames.ToDetectron2(layout.Name) }),
        new TensorLayout("head.weight", [2]),
    ];

    private static readonly int BackboneCount = ResNetLayout.Of(Depth, counters: false).Count;

    public static TheoryData<string> Loadable =>
        ["pkl", "extracted", "torchvision", "safetensors", "wrapped", "detector"];

    [Theory]
    [MemberData(nameof(Loadable))]
    public void File_OfEveryKnownKindGivesTheWholeBackbone(string kind)
    {
        DetectorWeightFile file = DetectorWeightFile.Of(Backbone(kind));

        MatchedWeights weights = MatchedWeights.Match(file, Model);

        Assert.Equal((BackboneCount, BackboneCount), (weights.BackboneLoaded, weights.BackboneCount));
        Assert.StartsWith($"loaded {BackboneCount} of {BackboneCount} backbone tensors", weights.Summary);
        Assert.Contains(Prefix + "res2.0.conv1.norm.running_mean", weights.State.Keys);
        weights.RequireBackbone("f");
        if (kind == "detector")
            weights.RequireAll("f");
        else
            Assert.Contains("head.weight", Refused(() => weights.RequireAll("f")));
    }

    [Theory]
    [InlineData("pkl", "RGB")]
    [InlineData("torchvision", "RGB")]
    [InlineData("safetensors", "RGB")]
    [InlineData("detector", null)]
    public void File_SaysHowImagesMustBeFedWhenThatIsKnown(string kind, string? order) =>
        Assert.Equal(order, DetectorWeightFile.Of(Backbone(kind)).Conventions?.ChannelOrder);

    [Theory]
    [InlineData("encoder_q.0.", "densecl convert")]
    [InlineData("module.encoder_q.", "densecl convert")]
    [InlineData("unknown.", "densecl inspect")]
    public void File_OfAnotherProgramNamesTheCommandThatConvertsIt(string prefix, string expected)
    {
        var root = new CheckpointMap { ["state_dict"] = Backbones.State(prefix, Depth) };

        var error = Assert.Throws<CheckpointFormatException>(
            () => DetectorWeightFile.Of(CheckpointFile.Read(Samples.Zip(root), "epoch_200.pth")));

        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void File_OfCaffe2IsRenamedAndKnownToBeBgr()
    {
        byte[] bytes = PlainPickle(
            ("conv1_w", [64, 3, 7, 7]), ("res_conv1_bn_s", [64]), ("res_conv1_bn_b", [64]),
            ("res2_0_branch2b_w", [64, 64, 3, 3]), ("conv1_w_momentum", [1]), ("fc1000_w", [3, 3]));

        DetectorWeightFile file = DetectorWeightFile.Of(CheckpointFile.Read(bytes, "R-50.pkl"));

        Assert.True(file.MatchNames);
        Assert.Equal(("Caffe2", "BGR"), (file.Author, file.Conventions!.ChannelOrder));
        Assert.Equal(["stem.conv1.weight", "stem.conv1.norm.weight", "stem.conv1.norm.bias", "res2.0.conv2.weight",
            "fc1000.weight"], file.Tensors.Select(entry => entry.Key));
        MatchedWeights weights = MatchedWeights.Match(file, Model);
        Assert.Equal(["fc1000.weight"], weights.Report.Unexpected);
        Assert.Equal(20, weights.NormsWithoutStatistics);
        Assert.Contains($"{Prefix}stem.conv1.weight  <-  stem.conv1.weight  [64, 3, 7, 7]", weights.MatchTable());
    }

    [Fact]
    public void File_WithAWordInTheNameMatchesByEnds()
    {
        var root = new CheckpointMap { ["base.w"] = Samples.Floats([1], 1) };

        Assert.True(Of("x/DLA34.pth").MatchNames);
        Assert.False(Of("dla/x.pth").MatchNames);
        Assert.True(Of("x.pth", matchNames: true).MatchNames);

        DetectorWeightFile Of(string name, bool matchNames = false) =>
            DetectorWeightFile.Of(CheckpointFile.Read(Samples.Zip(root), name), matchNames);
    }

    [Fact]
    public void File_OfPyslowfastDropsItsCounters()
    {
        var state = new CheckpointMap
        {
            ["w"] = Samples.Floats([1], 1),
            ["bn.num_batches_tracked"] = Samples.Floats([1], 1),
        };

        DetectorWeightFile file = DetectorWeightFile.Of(
            CheckpointFile.Read(Samples.Zip(new CheckpointMap { ["model_state"] = state }), "x.pyth"));

        Assert.Equal("w", Assert.Single(file.Tensors).Key);
        Assert.Throws<CheckpointFormatException>(
            () => DetectorWeightFile.Of(CheckpointFile.Read(Samples.Zip(state), "x.pyth")));
    }

    [Fact]
    public void File_WithWhatIsNoTensorNamesTheKey()
    {
        var root = new CheckpointMap { ["model"] = new CheckpointMap { ["w"] = 5L } };

        var error = Assert.Throws<CheckpointFormatException>(
            () => DetectorWeightFile.Of(CheckpointFile.Read(Samples.Zip(root), "x.pth")));

        Assert.Contains("under 'w'", error.Message);
    }

    [Fact]
    public void File_UnderTheWrongExtensionLoadsWithANote()
    {
        var root = new CheckpointMap { ["model"] = new CheckpointMap { ["head.weight"] = Samples.Floats([2], 1, 2) } };

        DetectorWeightFile file = DetectorWeightFile.Of(CheckpointFile.Read(Samples.Zip(root), "x.pkl"));

        Assert.Contains("torch file as in .pth", Assert.Single(file.Warnings));
        Assert.Equal("head.weight", Assert.Single(MatchedWeights.Match(file, Model).Report.Matched));
    }

    [Fact]
    public void Weights_OfAnotherWidthAreRefusedWithBothShapes()
    {
        DetectorWeightFile file = DetectorWeightFile.Of(Backbone("pkl", width: 32));

        MatchedWeights weights = MatchedWeights.Match(file, Model);

        var error = Assert.Throws<CheckpointFormatException>(() => weights.RequireBackbone("narrow.pkl"));
        Assert.Contains($"loaded 0 of {BackboneCount} backbone tensors", error.Message);
        Assert.Contains("[32] in the file, [64] expected", error.Message);
        Assert.Contains("--allow-missing-weights", error.Message);
    }

    // A detector of another number of classes: what stays initialised beside the backbone is counted and named (M-132).
    [Fact]
    public void Head_OfAnotherShapeIsWarnedOfAndCounted()
    {
        CheckpointFile file = Backbone("detector");
        file.Map.GetMap("model")["head.weight"] = Samples.Floats([3], 1, 2, 3);

        MatchedWeights weights = MatchedWeights.Match(DetectorWeightFile.Of(file), Model);

        Assert.Equal(["not loaded: head.weight: [3] in the file, [2] expected"], weights.Warnings);
        Assert.Contains("1 of the model's stay initialised", weights.Summary);
    }

    [Fact]
    public void Head_AloneLeavesTheBackboneRandomWithAWarning()
    {
        var root = new CheckpointMap { ["model"] = new CheckpointMap { ["head.weight"] = Samples.Floats([2], 1, 2) } };
        DetectorWeightFile file = DetectorWeightFile.Of(CheckpointFile.Read(Samples.Zip(root), "x.pth"));

        Assert.Equal(
            ["no weights in checkpoint matched with its backbone"], MatchedWeights.Match(file, Model).Warnings);
    }

    [Fact]
    public void Weights_ThatFitNothingAreRefused()
    {
        var root = new CheckpointMap { ["model"] = new CheckpointMap { ["other"] = Samples.Floats([1], 1) } };
        DetectorWeightFile file =
            DetectorWeightFile.Of(CheckpointFile.Read(Samples.Zip(root), "x.pth"), matchNames: true);

        MatchedWeights weights = MatchedWeights.Match(file, Model);

        Assert.Contains("no weights in checkpoint matched with model", weights.Warnings);
        Assert.Throws<CheckpointFormatException>(() => weights.RequireBackbone("x.pth"));
    }

    [Fact]
    public void Weights_DoNotReportConstantsOfOldFiles()
    {
        var root = new CheckpointMap
        {
            ["model"] = new CheckpointMap { ["pixel_mean"] = Samples.Floats([3], 1, 2, 3) },
        };

        DetectorWeightFile file = DetectorWeightFile.Of(CheckpointFile.Read(Samples.Zip(root), "x.pth"));

        LoadReport report = MatchedWeights.Match(file, [.. Model, new TensorLayout("pixel_std", [3])]).Report;
        Assert.Empty(report.Unexpected);
        Assert.DoesNotContain("pixel_std", report.Missing);
    }

    [Fact]
    public void Conventions_ThatContradictAreNamedWithTheNumbersToSet()
    {
        IReadOnlyList<string> warnings = InputConventions.Contradictions(
            InputConventions.Torch, "author DenseCL", InputConventions.Caffe2);

        Assert.Equal(4, warnings.Count);
        Assert.Contains(warnings, w => w.Contains("set INPUT.FORMAT to RGB"));
        Assert.Contains(warnings, w => w.Contains("MODEL.PIXEL_MEAN is [103.53, 116.28, 123.675]")
            && w.Contains("set MODEL.PIXEL_MEAN to [123.675, 116.28, 103.53]"));
        Assert.Contains(warnings, w => w.Contains("set MODEL.RESNETS.STRIDE_IN_1X1 to False"));
        Assert.Empty(InputConventions.Contradictions(InputConventions.Torch, "", InputConventions.Torch));
        Assert.Equal(3, InputConventions.Contradictions(
            InputConventions.Torch, "", InputConventions.Caffe2 with { Depth = 18 }).Count);
    }

    private static string Refused(Action action) => Assert.Throws<CheckpointFormatException>(action).Message;

    private static CheckpointFile Backbone(string kind, int width = ResNetLayout.PublishedWidth)
    {
        var torch = Backbones.Of(Depth, width).ToList();
        var detectron2 = torch.Select(e => KeyValuePair.Create(BackboneNames.ToDetectron2(e.Key), e.Value)).ToList();
        using var stream = new MemoryStream();
        switch (kind)
        {
            case "pkl":
                Detectron2File.Write(stream, detectron2, "OpenSelfSup");
                return CheckpointFile.Read(stream.ToArray(), "b.pkl");
            case "safetensors":
                SafetensorsFile.Write(stream, torch, new BackboneMetadata { Depth = Depth }.ToTexts());
                return CheckpointFile.Read(stream.ToArray(), "b.safetensors");
            case "extracted":
                return Zip(new() { ["state_dict"] = Map("", torch), ["author"] = "DenseCL" });
            case "torchvision":
                return Zip(Map("", torch));
            case "wrapped":
                return Zip(new() { ["model"] = Map("module." + Prefix, detectron2) });
            default:
                CheckpointMap model = Map(Prefix, detectron2);
                model["head.weight"] = Samples.Floats([2], 1, 2);
                return Zip(new() { ["model"] = model, ["iteration"] = 3L });
        }

        static CheckpointFile Zip(CheckpointMap root) => CheckpointFile.Read(Samples.Zip(root), "b.pth");
    }

    private static CheckpointMap Map(string prefix, IEnumerable<KeyValuePair<string, TensorRecord>> entries)
    {
        var map = new CheckpointMap();
        foreach (var (name, tensor) in entries)
            map[prefix + name] = tensor;

        return map;
    }

    // A Detectron-1 file: {"blobs": {name: array}} with NumPy arrays (E-56).
    private static byte[] PlainPickle(params (string Name, long[] Shape)[] tensors)
    {
        PickleBytes pickle = new PickleBytes().Protocol(3).Op("}").Text("blobs").Op("}");
        foreach (var (name, shape) in tensors)
        {
            int bytes = (int)(4 * shape.Aggregate(1L, (a, b) => a * b));
            pickle.Text(name).Global("numpy.core.multiarray", "_reconstruct").Op("(").Global("numpy", "ndarray")
                .Raw([(byte)'K', 0, 0x85]).Raw("C\u0001b"u8).Op("tR(").Raw([(byte)'K', 1]).Op("(");
            foreach (long size in shape)
                pickle.Raw([(byte)'J', .. BitConverter.GetBytes((int)size)]);

            pickle.Op("t").Global("numpy", "dtype").Op("(").Text("f4").Raw([0x89, 0x88]).Op("tR(").Raw([(byte)'K', 3])
                .Text("<").Op("NNN").Raw([(byte)'J', 255, 255, 255, 255, (byte)'J', 255, 255, 255, 255, (byte)'K', 0])
                .Op("tb").Raw([0x89]).Bytes(new byte[bytes]).Op("tbs");
        }

        return pickle.Op("s.").ToArray();
    }
}
