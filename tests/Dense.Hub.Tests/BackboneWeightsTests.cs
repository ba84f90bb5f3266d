using Dense.Checkpoints;

namespace Dense.Hub.Tests;

public sealed class BackboneWeightsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Target => _folder["m.pth"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(50, "")]
    [InlineData(101, "")]
    [InlineData(50, "backbone.")]
    [InlineData(50, "module.backbone.")]
    public void WholeBackbone_IsAccepted(int depth, string prefix)
    {
        Write(BackboneWeights.Names(depth).Select(n => prefix + n));

        BackboneWeights.Require(Target, depth);
    }

    [Theory]
    [InlineData(50, 265)]
    [InlineData(101, 520)]
    public void Names_AreThoseOfTheNetwork(int depth, int count) => // 53 and 104 convolutions, five tensors each.
        Assert.Equal(count, BackboneWeights.Names(depth).Distinct().Count());

    [Fact]
    public void MissingTensor_IsNamed()
    {
        Write(BackboneWeights.Names(50).Where(n => n != "layer4.2.bn3.running_var"));

        Assert.Contains("layer4.2.bn3.running_var", Refusal(50), StringComparison.Ordinal);
    }

    [Fact]
    public void DeeperNetwork_IsRefused()
    {
        Write(BackboneWeights.Names(101));

        Assert.Contains("deeper", Refusal(50), StringComparison.Ordinal);
    }

    [Fact]
    public void DamagedFile_IsRefused()
    {
        Write(BackboneWeights.Names(50));
        File.WriteAllBytes(Target, File.ReadAllBytes(Target)[..^1000]);

        Assert.Contains("pull the model again", Refusal(50), StringComparison.Ordinal);
    }

    [Fact]
    public void Record_IsVerifiedByEveryReader()
    {
        Write(BackboneWeights.Names(50));
        ContentRecord.Of(Target, "https://host/m.pth").Write(Target);

        Assert.Equal(ChecksumState.Sha256Verified, CheckpointFile.Read(Target).Checksum);

        byte[] bytes = File.ReadAllBytes(Target);
        bytes[^1] ^= 1;
        File.WriteAllBytes(Target, bytes);
        Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(Target));
    }

    private string Refusal(int depth) =>
        Assert.Throws<HubException>(() => BackboneWeights.Require(Target, depth)).Message;

    private void Write(IEnumerable<string> names)
    {
        var weights = new CheckpointMap { IsOrderedDict = true };
        foreach (string name in names)
            weights.Add(name, new TensorRecord(ElementType.Float32, [1], new byte[4]));

        TorchFile.Write(Target, new CheckpointMap { { "state_dict", weights }, { "author", "DenseCL" } });
    }
}
