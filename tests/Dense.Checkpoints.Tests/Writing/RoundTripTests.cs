using CsCheck;

namespace Dense.Checkpoints.Tests.Writing;

public class RoundTripTests
{
    private const int Cases = 2000;

    private static readonly Gen<KeyValuePair<string, TensorRecord>[]> NamedTensors =
        Gen.Select(Gen.String[Gen.Char[' ', '\uD7FF'], 0, 20], CheckpointValues.Tensors)
            .Select((name, tensor) => new KeyValuePair<string, TensorRecord>(name, tensor))
            .Array[0, 8].Select(a => a.DistinctBy(e => e.Key).ToArray());

    [Fact]
    public void AnyValue_ComesBackFromAPth() => CheckpointValues.Maps.Sample(
        root =>
        {
            using var stream = new MemoryStream();
            TorchFile.Write(stream, root);

            CheckpointFile read = CheckpointFile.Read(stream.ToArray(), "model.pth");

            Assert.Equal(CheckpointFormat.TorchZip, read.Format);
            Assert.Equal(ChecksumState.Crc32Verified, read.Checksum);
            CheckpointValues.AssertEqual(root, read.Root);
        },
        iter: Cases,
        threads: 1);

    [Fact]
    public void AnyTensors_ComeBackFromAPkl() => NamedTensors.Sample(
        tensors =>
        {
            KeyValuePair<string,
                TensorRecord>[] known = [.. tensors.Where(t => t.Value.ElementType != ElementType.BFloat16)];
            using var stream = new MemoryStream();
            Detectron2File.Write(stream, known, "someone");

            CheckpointMap read = CheckpointFile.Read(stream.ToArray(), "model.pkl").Map;

            Assert.Equal("someone", read.GetString("__author__"));
            Assert.True(read.GetBool("matching_heuristics"));
            AssertSame(known, read.GetMap("model"));
        },
        iter: Cases,
        threads: 1);

    [Fact]
    public void AnyTensors_ComeBackFromSafetensors() => NamedTensors.Sample(
        tensors =>
        {
            using var stream = new MemoryStream();
            SafetensorsFile.Write(stream, tensors, new Dictionary<string, string> { ["depth"] = "50", ["ü"] = "✓" });

            CheckpointFile read = CheckpointFile.Read(stream.ToArray(), "model.safetensors");

            Assert.Equal("✓", read.Metadata["ü"]);
            AssertSame(tensors, read.Map);
        },
        iter: Cases,
        threads: 1);

    [Fact]
    public void Pth_AlignsEveryRecordAndStoresSharedMemoryOnce()
    {
        byte[] memory = new byte[4096];
        new Random(1).NextBytes(memory);
        var root = new CheckpointMap
        {
            ["encoder_q.0.w"] = new TensorRecord(ElementType.Float32, [1024], memory),
            ["backbone.w"] = new TensorRecord(ElementType.Float32, [32, 32], memory),
            ["other"] = new TensorRecord(ElementType.Float32, [3], new byte[12]),
        };

        byte[] file = Samples.Zip(root);

        int first = file.AsSpan().IndexOf(memory);
        Assert.Equal(0, first % 64);
        Assert.Equal(-1, file.AsSpan(first + 1).IndexOf(memory));
        Assert.Equal([32, 32], CheckpointFile.Read(file, "model.pth").Map.GetTensor("backbone.w").Shape);
    }

    [Fact]
    public void Metadata_OfAStateDictionaryIsKept()
    {
        var state = new CheckpointMap
        {
            IsOrderedDict = true,
            Metadata = new CheckpointMap { IsOrderedDict = true, ["bn1"] = null },
        };
        state.Metadata["bn1"] = new CheckpointMap { ["version"] = 2L };

        CheckpointMap read =
            CheckpointFile.Read(Samples.Zip(new CheckpointMap { ["state_dict"] = state }), "model.pth").Map;

        Assert.Equal(2, read.GetMap("state_dict").Metadata!.GetMap("bn1").GetInt64("version"));
    }

    [Fact]
    public void Value_ThatACheckpointCannotHoldIsNamed()
    {
        var refusal =
            Assert.Throws<ArgumentException>(() => Samples.Zip(new CheckpointMap { ["when"] = TimeSpan.Zero }));

        Assert.Contains("TimeSpan", refusal.Message, StringComparison.Ordinal);
    }

    private static void AssertSame(KeyValuePair<string, TensorRecord>[] expected, CheckpointMap actual)
    {
        Assert.Equal(expected.Select(e => (object)e.Key), actual.Keys);
        foreach (var (name, tensor) in expected)
            CheckpointValues.AssertEqual(tensor, actual.GetTensor(name));
    }
}
