namespace Dense.Checkpoints.Tests.Safety;

public class DamageTests
{
    private const int Flips = 200;

    public static TheoryData<string> Formats() => new(Samples.Formats);

    [Fact]
    public void FlippedBitInTheDataOfAPth_IsAlwaysNoticed()
    {
        byte[] values = new byte[40_000];
        new Random(1).NextBytes(values);
        var tensor = new TensorRecord(ElementType.Float32, [10_000], values);
        byte[] file = Samples.Zip(new CheckpointMap { ["w"] = tensor });
        int data = file.AsSpan().IndexOf(values.AsSpan(0, 64));
        var random = new Random(2);

        for (int i = 0; i < Flips; i++)
        {
            byte[] damaged = [.. file];
            int bit = random.Next(8 * values.Length);
            damaged[data + (bit / 8)] ^= (byte)(1 << (bit % 8));

            var refusal = Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(damaged, "epoch_1.pth"));
            Assert.Contains("CRC-32", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void TruncatedFile_IsRefusedAtEveryCut(string format)
    {
        byte[] file = Samples.Of(format);
        Assert.NotNull(CheckpointFile.Read(file, "whole").Root);

        for (int length = 0; length < file.Length; length++)
        {
            byte[] cut = file[..length];
            var refusal = Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(cut, "cut"));
            Assert.StartsWith("cut: at byte ", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TruncatedRecord_NamesThePlaceAndTheSizeThatItNeeds()
    {
        byte[] file = Samples.Zip();

        var refusal =
            Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(file.AsMemory(0, 200), "epoch_1.pth"));

        Assert.Matches("at byte 0: the file is truncated: .* should have more than [0-9]+ bytes, but ends at byte " +
            "200", refusal.Message);
    }

    [Fact]
    public void ExpansionBomb_IsReadWithoutExpandingIt()
    {
        // Each level refers ten times to the one below: 10^60 leaves. If anybody walked them, this test would not end.
        var bomb = new PickleBytes().Protocol(2).Op("N").Raw([(byte)'q', 0]);
        for (byte level = 1; level < 60; level++)
            bomb.Op("0(")
                .Raw([.. Enumerable.Repeat(new byte[] { (byte)'h', (byte)(level - 1) }, 10).SelectMany(b => b)])
                .Op("t").Raw([(byte)'q', level]);

        CheckpointFile read = CheckpointFile.Read(bomb.Op(".").ToArray(), "bomb.pkl");

        Assert.Empty(NamedTensor.AllOf(read));
    }

    [Fact]
    public void ExpandedView_CannotAskForMoreThanTheFileMay()
    {
        byte[] pickle = new PickleBytes().Magic()
            .Raw([0x80, 2, (byte)'M', 0xe9, 3, (byte)'.', 0x80, 2, (byte)'}', (byte)'.']).Protocol(2)
            .Global("torch._utils", "_rebuild_tensor_v2").Op("((").Text("storage").Global("torch", "FloatStorage")
                .Text("k").Text("cpu")
            .Op("K\u0001NtQK\0").Raw([(byte)'J', 0, 0, 0, 16, 0x85, (byte)'K', 0, 0x85, 0x89]).Op("NtR.")
            .Protocol(2).Op("]").Text("k").Op("a.").Raw(BitConverter.GetBytes(1L)).Raw(new byte[4]).ToArray();

        var refusal = Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(pickle, "bomb.pth"));

        Assert.Contains("more memory", refusal.Message, StringComparison.Ordinal);
    }
}
