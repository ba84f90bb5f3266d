using Dense.Checkpoints.Conversion;

namespace Dense.Checkpoints.Tests.Conversion;

/// <summary>The model of a training checkpoint alone (E-73).</summary>
public sealed class ModelExportTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Formats => new()
    {
        { "model", ".pth" }, { "model", ".pkl" }, { "model", ".safetensors" },
        { "state_dict", ".pth" }, { "state_dict", ".pkl" }, { "state_dict", ".safetensors" },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void Export_HoldsTheTensorsUnderTheirNamesAndNothingElse(string key, string extension)
    {
        string path = _folder["out" + extension];

        Assert.Equal(2, ModelExport.Write(Training(key), path));

        CheckpointFile file = CheckpointFile.Read(path);
        string inFile = extension == ".pkl" ? "model" : key;
        CheckpointMap model = extension == ".safetensors" ? file.Map : file.Map.GetMap(inFile);
        Assert.Equal(["b.weight", "a.bias"], model.Keys);
        Assert.Equal(Samples.Floats([2], 1, 2).Bytes.ToArray(), model.GetTensor("b.weight").Bytes.ToArray());
        if (extension == ".pth")
        {
            Assert.Equal([key], file.Map.Keys);
            Assert.True(model.IsOrderedDict);
        }
    }

    // torch 1.13 refuses the optimizer's numbers, and so the whole checkpoint, when it reads weights only.
    [Fact]
    [Trait("Category", "Peer")]
    public void Export_LoadsWhereATrainingCheckpointDoesNot()
    {
        string whole = _folder["whole.pth"], alone = _folder["alone.pth"];
        TorchFile.Write(whole, Training("model").Map);
        ModelExport.Write(CheckpointFile.Read(whole), alone);

        Assert.Equal("refused, then 2", Python.Run("""
            import sys, pickle, torch
            try:
                torch.load(sys.argv[1], weights_only=True)
                print("taken", end="")
            except pickle.UnpicklingError:
                print("refused", end="")
            print(", then", len(torch.load(sys.argv[2], weights_only=True)["model"]))
            """, whole, alone));
    }

    [Fact]
    public void File_WithoutTensorsIsRefused()
    {
        var file = CheckpointFile.Read(Samples.Zip(new CheckpointMap { ["iteration"] = 3L }), "x.pth");

        var error = Assert.Throws<CheckpointFormatException>(() => ModelExport.Write(file, _folder["out.pth"]));

        Assert.Contains("densecl inspect x.pth", error.Message);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private static CheckpointFile Training(string key) => CheckpointFile.Read(
        Samples.Zip(new CheckpointMap
        {
            [key] = new CheckpointMap { ["b.weight"] = Samples.Floats([2], 1, 2), ["a.bias"] = Samples.Floats([1], 3) },
            ["optimizer"] = new CheckpointMap { ["lr"] = 0.1, ["momentum"] = Samples.Floats([1], 3) },
            ["iteration"] = 7L,
        }),
        "training.pth");
}
