using System.Text.Json;
using Dense.Checkpoints.Conversion;

namespace Dense.Checkpoints.Tests.Conversion;

public class BackboneConversionTests
{
    private const string Folder = "pretraining/checkpoints";

    [Theory]
    [InlineData(".pkl")]
    [InlineData(".pth")]
    [InlineData(".safetensors")]
    public void Backbone_SurvivesEveryFormatAndComesBack(string extension)
    {
        using var folder = new TempFolder();
        WeightFile original = Backbones.Recognize(
            new() { ["state_dict"] = Backbones.State(""), ["author"] = "DenseCL" });
        string there = folder["there" + extension], back = folder["back.pth"];

        Assert.Equal(120, BackboneConversion.Write(original, there));
        Assert.Equal(120, BackboneConversion.Write(WeightFile.Recognize(CheckpointFile.Read(there)), back));

        WeightFile read = WeightFile.Recognize(CheckpointFile.Read(back));
        Assert.Equal(original.Backbone.Select(t => t.Key), read.Backbone.Select(t => t.Key));
        for (int i = 0; i < read.Backbone.Count; i++)
            Golden.GoldenTensors.AssertEqual(original.Backbone[i].Value, read.Backbone[i].Value, read.Backbone[i].Key);
    }

    [Fact]
    public void Counters_AreLeftOutOnDemand()
    {
        WeightFile file = Backbones.Recognize(Backbones.State(""));

        Assert.Equal(100, BackboneConversion.ToDetectron2(file, counters: false).Count);
    }

    [Fact]
    public void Safetensors_CarriesWhatADetectorMustKnow()
    {
        using var folder = new TempFolder();
        string path = folder["backbone.safetensors"];

        BackboneConversion.Write(Backbones.Recognize(Backbones.State("", 34)), path);

        BackboneMetadata metadata = BackboneMetadata.Of(CheckpointFile.Read(path))!;
        Assert.Equal((34, "RGB", false), (metadata.Depth, metadata.ChannelOrder, metadata.StrideInFirstConvolution));
        Assert.Equal([123.675, 116.28, 103.53], metadata.PixelMean);
        Assert.Equal([58.395, 57.12, 57.375], metadata.PixelStandardDeviation);
    }

    [Theory]
    [InlineData("layer2.1.conv1.weight", float.NaN)]
    [InlineData("bn1.running_var", float.PositiveInfinity)]
    public void Verification_NamesValuesThatAreNotFinite(string name, float value)
    {
        CheckpointMap state = Backbones.State("");
        byte[] bytes = state.GetTensor(name).Bytes.ToArray();
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 4), value);
        state[name] = state.GetTensor(name) with { Bytes = bytes };

        var verification = BackboneVerification.Check(Backbones.Recognize(state).Backbone);

        Assert.False(verification.IsGood);
        Assert.Equal([name], verification.NonFinite);
    }

    [Fact]
    public void Verification_NamesWhatIsMissing()
    {
        WeightFile file = Backbones.Recognize(Backbones.State(""));

        var verification = BackboneVerification.Check([.. file.Backbone.Where(t => t.Key != "layer3.0.bn2.bias")]);

        Assert.Equal(["layer3.0.bn2.bias"], verification.Report.Missing);
        Assert.Contains("ResNet-18, incomplete: 119 of 120", verification.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void BFloat16_IsRefusedForAPklWithTheWayOut()
    {
        CheckpointMap state = Backbones.State("");
        state["bn1.bias"] = new TensorRecord(ElementType.BFloat16, [64], new byte[128]);

        var refusal = Assert.Throws<CheckpointFormatException>(() => BackboneConversion.ToDetectron2(
            Backbones.Recognize(state)));

        Assert.Contains(".safetensors", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_OfATrainingCheckpointAreExtracted()
    {
        CheckpointMap state = Backbones.State("encoder_q.0.");
        state["encoder_q.1.mlp2.0.bias"] = Samples.Floats([1], 7);
        WeightFile file = Backbones.Recognize(new() { ["state_dict"] = state });

        Assert.Equal(["mlp2.0.bias"], BackboneExtraction.Extract(file, BackbonePart.Neck).GetMap("state_dict").Keys);
        CheckpointMap all = BackboneExtraction.Extract(file, BackbonePart.All).GetMap("state_dict");
        Assert.Equal(121, all.Count);
        Assert.Equal("neck.mlp2.0.bias", all.Keys[^1]);
        Assert.Equal("mlp2.0.bias", Assert.Single(Backbones.Recognize(new() { ["state_dict"] = all }).Neck).Key);
    }

    [Fact]
    public void ExtractedBackbone_HasNoNeckToExtract() => Assert.Contains(
        "--part backbone",
        Assert.Throws<CheckpointFormatException>(() =>
            BackboneExtraction.Extract(Backbones.Recognize(Backbones.State("")), BackbonePart.Neck)).Message,
        StringComparison.Ordinal);

    [Theory]
    [Trait("Category", "Golden")]
    [InlineData("densecl_r50s1.expected.json")]
    public void RecordedCheckpoint_IsExtractedAndConvertedAsTheReferenceDid(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Testing.Golden.Require(Folder, name)));
        JsonElement expected = document.RootElement;
        foreach (JsonElement input in expected.GetProperty("files").EnumerateArray())
        {
            WeightFile file = WeightFile.Recognize(
                CheckpointFile.Read(Testing.Golden.Require(Folder, input.GetString()!)));
            CompareExtracted(expected.GetProperty("extracted"), BackboneExtraction.Extract(file));
            CompareConverted(expected.GetProperty("detectron2"), file);
        }
    }

    private static void CompareExtracted(JsonElement expected, CheckpointMap extracted)
    {
        CheckpointMap recorded = CheckpointFile.Read(
            Testing.Golden.Require(Folder, expected.GetProperty("file").GetString()!)).Map;

        Assert.Equal(expected.GetProperty("top_level_keys").EnumerateArray().Select(k => (object)k.GetString()!),
            extracted.Keys);
        Assert.Equal(expected.GetProperty("author").GetString(), extracted.GetString("author"));
        Golden.GoldenTensors.AssertLayout(expected.GetProperty("state_dict"), extracted.GetMap("state_dict"));
        foreach (var (tensor, record) in extracted.GetMap("state_dict").Tensors)
            Golden.GoldenTensors.AssertEqual(recorded.GetMap("state_dict").GetTensor(tensor), record, tensor);
    }

    private static void CompareConverted(JsonElement expected, WeightFile file)
    {
        CheckpointMap recorded = CheckpointFile.Read(
            Testing.Golden.Require(Folder, expected.GetProperty("file").GetString()!)).Map;
        using var stream = new MemoryStream();
        Detectron2File.Write(stream, BackboneConversion.ToDetectron2(file), BackboneConversion.Detectron2Author(file));
        CheckpointMap written = CheckpointFile.Read(stream.ToArray(), "ours.pkl").Map;

        Assert.Equal(recorded.Keys, written.Keys);
        Assert.Equal(expected.GetProperty("author").GetString(), written.GetString("__author__"));
        Golden.GoldenTensors.AssertLayout(expected.GetProperty("model"), written.GetMap("model"));
        foreach (var (tensor, record) in written.GetMap("model").Tensors)
            Golden.GoldenTensors.AssertEqual(recorded.GetMap("model").GetTensor(tensor), record, tensor);
    }
}
