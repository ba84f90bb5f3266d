namespace Dense.Checkpoints.Tests;

public class MappedFileTests
{
    private static readonly CheckpointReadOptions Map = new() { MapFile = true };

    public static TheoryData<string> Formats() => new(Samples.Formats);

    [Theory]
    [MemberData(nameof(Formats))]
    public void MappedFile_HoldsWhatTheCopiedOneHolds(string format)
    {
        using var folder = new TempFolder();
        string path = folder["weights"];
        File.WriteAllBytes(path, Samples.Of(format));

        using CheckpointFile mapped = CheckpointFile.Read(path, Map);

        Writing.CheckpointValues.AssertEqual(CheckpointFile.Read(path).Root, mapped.Root);
    }

    [Fact]
    public void MappedFile_IsReadThroughASymbolicLink()
    {
        using var folder = new TempFolder();
        TorchFile.Write(folder["epoch_1.pth"], Samples.Training());
        string link = folder["latest.pth"];
        File.CreateSymbolicLink(link, "epoch_1.pth");

        using CheckpointFile mapped = CheckpointFile.Read(link, Map);

        Assert.True(mapped.Map.ContainsKey("state_dict"));
    }

    [Fact]
    public void MappedFile_OutlivesItsReplacement()
    {
        using var folder = new TempFolder();
        string path = folder["epoch_1.pth"];
        TorchFile.Write(path, Samples.Training());
        using CheckpointFile mapped = CheckpointFile.Read(path, Map);

        TorchFile.Write(path, new CheckpointMap());

        TensorRecord w = mapped.Map.GetMap("state_dict").GetTensor("w");
        Assert.Equal(4f, BitConverter.ToSingle(w.Bytes.Span[12..]));
    }

    [Fact]
    public void TensorOfADisposedFile_IsAnExceptionAndNoCrash()
    {
        using var folder = new TempFolder();
        string path = folder["epoch_1.pth"];
        TorchFile.Write(path, Samples.Training());
        CheckpointFile mapped = CheckpointFile.Read(path, Map);
        TensorRecord w = mapped.Map.GetMap("state_dict").GetTensor("w");

        mapped.Dispose();
        mapped.Dispose();

        Assert.Throws<ObjectDisposedException>(() => w.Bytes.Span.Length);
    }

    [Fact]
    public void DamagedOrEmptyFile_IsRefusedWhenMappedToo()
    {
        using var folder = new TempFolder();
        string path = folder["epoch_1.pth"];
        File.WriteAllBytes(path, Samples.Zip()[..^40]);
        File.WriteAllBytes(folder["empty.pth"], []);

        Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(path, Map));
        Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(folder["empty.pth"], Map));
        Assert.Throws<FileNotFoundException>(() => CheckpointFile.Read(folder["none.pth"], Map));
    }
}
