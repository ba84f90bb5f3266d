namespace Dense.Checkpoints.Tests.Writing;

public class Sha256SidecarTests
{
    [Theory]
    [InlineData(".pkl")]
    [InlineData(".safetensors")]
    public void Writer_LeavesASidecarThatTheReaderVerifies(string extension)
    {
        using var folder = new TempFolder();
        string path = Write(folder, extension);

        Assert.Equal(ChecksumState.Sha256Verified, CheckpointFile.Read(path).Checksum);
        Assert.Matches($"^[0-9a-f]{{64}}  backbone{extension}\n$", File.ReadAllText(path + ".sha256"));
    }

    [Theory]
    [InlineData(".pkl")]
    [InlineData(".safetensors")]
    public void FlippedBit_IsNoticed(string extension)
    {
        using var folder = new TempFolder();
        string path = Write(folder, extension);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0, 0, 0x80, 0x3f])] ^= 1;
        File.WriteAllBytes(path, bytes);

        var refusal = Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(path));

        Assert.Contains("SHA-256", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FileWithoutSidecar_IsReadUnverified()
    {
        using var folder = new TempFolder();
        string path = Write(folder, ".pkl");
        File.Delete(path + ".sha256");

        Assert.Equal(ChecksumState.None, CheckpointFile.Read(path).Checksum);
    }

    [Fact]
    public void FailedWrite_KeepsFileAndSidecar()
    {
        using var folder = new TempFolder();
        string path = Write(folder, ".pkl");
        var unknown = new TensorRecord(ElementType.BFloat16, [1], new byte[2]);

        Assert.Throws<ArgumentException>(() => Detectron2File.Write(path, [new("w", unknown)], "someone"));

        Assert.Equal(ChecksumState.Sha256Verified, CheckpointFile.Read(path).Checksum);
    }

    [Fact]
    public void MalformedSidecar_IsRefused()
    {
        using var folder = new TempFolder();
        string path = Write(folder, ".pkl");
        File.WriteAllText(path + ".sha256", "not a digest");

        Assert.Contains(
            "64 hexadecimal digits", Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(path)).Message,
            StringComparison.Ordinal);
    }

    private static string Write(TempFolder folder, string extension)
    {
        string path = folder["backbone" + extension];
        KeyValuePair<string, TensorRecord>[] tensors = [new("w", Samples.Floats([2], 1, 2))];
        if (extension == ".pkl")
            Detectron2File.Write(path, tensors, "someone");
        else
            SafetensorsFile.Write(path, tensors);

        return path;
    }
}
