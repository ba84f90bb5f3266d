using System.Text.Json;
using Dense.Checkpoints;
using Dense.Checkpoints.Conversion;

namespace Dense.EndToEnd.Tests;

/// <summary>inspect, extract and convert, as the original instructions use them.</summary>
public sealed class WeightFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TrainingCheckpoint_IsExtractedConvertedAndConvertedBack()
    {
        string checkpoint = WriteTrainingCheckpoint(), extracted = InFolder("backbone.pth"),
            converted = InFolder("backbone.pkl");

        AssertDone(Densecl.Run("extract", checkpoint, extracted), "120 tensors");
        AssertDone(Densecl.Run("convert", extracted, converted), "120 tensors");
        AssertDone(Densecl.Run("convert", converted, InFolder("back.safetensors"), "--no-counters"), "100 tensors");

        CheckpointMap backbone = CheckpointFile.Read(extracted).Map;
        Assert.Equal("DenseCL", backbone.GetString("author"));
        CheckpointFile pkl = CheckpointFile.Read(converted);
        Assert.Equal(ChecksumState.Sha256Verified, pkl.Checksum);
        Assert.Equal("OpenSelfSup", pkl.Map.GetString("__author__"));
        TensorRecord original = backbone.GetMap("state_dict").GetTensor("layer2.0.downsample.0.weight");
        Assert.True(
            original.Bytes.Span.SequenceEqual(pkl.Map.GetMap("model").GetTensor("res3.0.shortcut.weight").Bytes.Span));
        Assert.True(original.Bytes.Span.SequenceEqual(
            CheckpointFile.Read(InFolder("back.safetensors")).Map.GetTensor("layer2.0.downsample.0.weight")
                .Bytes.Span));
    }

    [Fact]
    public void Neck_IsExtractedOnDemand()
    {
        string neck = InFolder("neck.pth");

        AssertDone(Densecl.Run("extract", WriteTrainingCheckpoint(), neck, "--part", "neck"), "1 tensors");

        Assert.Equal(["mlp.0.bias"], CheckpointFile.Read(neck).Map.GetMap("state_dict").Keys);
    }

    // E-73: all of it, under its own names.
    [Fact]
    public void Model_IsExportedWithoutTheRest()
    {
        string alone = InFolder("alone.pth");

        AssertDone(Densecl.Run("export", WriteTrainingCheckpoint(), alone), "121 tensors");

        Assert.Equal(["state_dict"], CheckpointFile.Read(alone).Map.Keys);
        AssertDone(Densecl.Run("extract", alone, InFolder("backbone.pth")), "120 tensors");
    }

    // The original README saves the extracted .pth under a .pkl name and then converts it (P-217).
    [Fact]
    public void PthUnderAPklName_IsConverted()
    {
        string misnamed = InFolder("densecl_r50.pkl");
        TorchFile.Write(misnamed, new CheckpointMap { ["state_dict"] = State(""), ["author"] = "DenseCL" });

        AssertDone(Densecl.Run("convert", misnamed, InFolder("d2.pkl")), "120 tensors");
    }

    [Fact]
    public void FullCheckpoint_IsConvertedInOneStep() =>
        AssertDone(Densecl.Run("convert", WriteTrainingCheckpoint(), InFolder("d2.pkl")), "120 tensors");

    [Fact]
    public void Inspect_SaysWhatTheFileIsAndWhatComesNext()
    {
        string checkpoint = WriteTrainingCheckpoint();

        ChildProcess result = Densecl.Run("inspect", checkpoint);

        AssertDone(result, "DenseCL or MoCo training checkpoint, ResNet-18");
        Assert.Contains("CRC-32 of every record verified", result.Output, StringComparison.Ordinal);
        Assert.Contains("complete: 120 of 120 matched", result.Output, StringComparison.Ordinal);
        Assert.Contains($"densecl extract {checkpoint}", result.Output, StringComparison.Ordinal);
        Assert.Contains("Float32   [64, 3, 7, 7]", result.Output, StringComparison.Ordinal);
        Assert.Matches("… [0-9]+ more: --all lists them", result.Output);
        Assert.DoesNotContain(
            "more: --all", Densecl.Run("inspect", checkpoint, "--all").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void InspectJson_IsReadByPrograms()
    {
        using JsonDocument json =
            JsonDocument.Parse(Densecl.Run("inspect", WriteTrainingCheckpoint(), "--json").Output);
        JsonElement root = json.RootElement;

        Assert.Equal(
            ["file", "bytes", "format", "checksum", "kind", "description", "author", "backbone", "next", "metadata",
                "tensors"],
            root.EnumerateObject().Select(p => p.Name));
        Assert.Equal("ContrastiveTraining", root.GetProperty("kind").GetString());
        Assert.Equal(120, root.GetProperty("backbone").GetProperty("matched").GetInt32());
        Assert.Equal(
            "state_dict.encoder_q.0.conv1.weight", root.GetProperty("tensors")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void WrongFile_IsRefusedWithWhatItIs()
    {
        string page = InFolder("densecl_r50.pth");
        File.WriteAllText(page, "<!DOCTYPE html><html><body>Not found</body></html>");

        ChildProcess result = Densecl.Run("convert", page, InFolder("d2.pkl"));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("densecl_r50.pth", result.Errors, StringComparison.Ordinal);
        Assert.Contains("a web page", result.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(InFolder("d2.pkl")));
    }

    [Fact]
    public void IncompleteBackbone_IsRefusedUnlessWanted()
    {
        string input = InFolder("cut.pth"), output = InFolder("cut.pkl");
        var state = new CheckpointMap();
        foreach (var (name, tensor) in State("").Tensors.Where(t => t.Key != "layer3.1.bn1.weight"))
            state.Add(name, tensor);

        TorchFile.Write(input, state);

        ChildProcess refused = Densecl.Run("convert", input, output);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("layer3.1.bn1.weight", refused.Errors, StringComparison.Ordinal);
        AssertDone(Densecl.Run("convert", input, output, "--allow-incomplete"), "119 tensors");
    }

    [Theory]
    [InlineData("convert", "out.onnx")]
    [InlineData("export", "out.onnx")]
    [InlineData("extract", "out.pkl")]
    public void OutputOfAnotherFormat_IsWrongUse(string command, string output)
    {
        ChildProcess result = Densecl.Run(command, WriteTrainingCheckpoint(), InFolder(output));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(".pth", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingFolder_IsNamed()
    {
        ChildProcess result = Densecl.Run("extract", WriteTrainingCheckpoint(), InFolder("none/backbone.pth"));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("does not exist. Create it first.", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inspect")]
    [InlineData("extract")]
    [InlineData("convert")]
    [InlineData("export")]
    public void Help_ShowsExamples(string command) =>
        AssertDone(Densecl.Run(command, "--help"), $"Examples:\n  densecl {command} ");

    [Fact]
    public void WeightCommands_NeedNoLibtorch()
    {
        string checkpoint = WriteTrainingCheckpoint();
        var broken = new Dictionary<string, string> { ["DENSECL_LIBTORCH"] = InFolder("no-such-folder") };

        Assert.Equal(1, Densecl.Run(Densecl.Folder, broken, "doctor").ExitCode);
        AssertDone(Densecl.Run(Densecl.Folder, broken, "inspect", checkpoint), "ResNet-18");
        AssertDone(Densecl.Run(Densecl.Folder, broken, "extract", checkpoint, InFolder("a.pth")), "120 tensors");
        AssertDone(Densecl.Run(Densecl.Folder, broken, "convert", checkpoint, InFolder("a.pkl")), "120 tensors");
    }

    private static void AssertDone(ChildProcess result, string output)
    {
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Contains(output, result.Output, StringComparison.Ordinal);
    }

    private string InFolder(string name) => _folder[name];

    private string WriteTrainingCheckpoint()
    {
        string path = InFolder("epoch_3.pth");
        CheckpointMap state = State("encoder_q.0.");
        state.Add("encoder_q.1.mlp.0.bias", new TensorRecord(ElementType.Float32, [1], new byte[4]));
        TorchFile.Write(
            path, new CheckpointMap { ["meta"] = new CheckpointMap { ["epoch"] = 3L }, ["state_dict"] = state });
        return path;
    }

    private static CheckpointMap State(string prefix)
    {
        var random = new Random(1);
        var state = new CheckpointMap { IsOrderedDict = true };
        foreach (TensorLayout layout in ResNetLayout.Of(18))
        {
            float[] values =
                new float[layout.ElementType == ElementType.Int64 ? 2 : layout.Shape.Aggregate(1L, (a, b) => a * b)];
            for (int i = 0; i < values.Length; i++)
                values[i] = random.NextSingle();

            byte[] bytes = new byte[4 * values.Length];
            Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
            state.Add(prefix + layout.Name, new TensorRecord(layout.ElementType, layout.Shape, bytes));
        }

        return state;
    }
}
