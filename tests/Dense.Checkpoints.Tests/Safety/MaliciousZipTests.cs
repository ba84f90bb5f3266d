using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Dense.Checkpoints.Tests.Safety;

/// <summary>
/// ZIP archives that show different content to different readers, or that are no weight file (reliability R6, R7).
/// </summary>
public class MaliciousZipTests
{
    private const uint Local = 0x04034b50;
    private const uint Central = 0x02014b50;
    private const uint End = 0x06054b50;

    private static readonly Dictionary<string, (Func<byte[]> Make, string Named)> Tricks = new()
    {
        ["local name differs"] = (() => Patch(Local, 30, (byte)'X'), "contradicts"),
        ["local method differs"] = (() => Patch(Local, 8, 8), "contradicts"),
        ["local size differs"] = (() => Patch(Local, 18, 1), "contradicts"),
        ["local checksum differs"] = (() => Patch(Local, 14, 1), "contradicts"),
        ["local header is encrypted"] = (() => Patch(Local, 6, 1), "contradicts"),
        ["directory says encrypted"] = (() => Patch(Central, 8, 1), "encrypted"),
        ["directory says strongly encrypted"] = (() => Patch(Central, 8, 0x40), "encrypted"),
        ["unknown compression"] = (() => Patch(Central, 10, 12), "method 12"),
        ["record overlaps the one before"] = (() => PatchSecondOffset(), "archive/"),
        ["directory offset lies"] = (() => Patch(End, 16, 1, add: true), "directory"),
        ["directory size lies"] = (() => Patch(End, 12, 1, add: true), "directory"),
        ["too few records announced"] = (() => PatchCount(-1), "more than the records"),
        ["too many records announced"] = (() => PatchCount(1), "directory"),
        ["several disks"] = (() => Patch(End, 4, 1), "disks"),
        ["ZIP64 announced but absent"] = (() => PatchWide(), "ZIP64"),
        ["bytes behind the end record"] = (() => [.. Samples.Zip(), 0], "directory"),
        ["two records of one name"] =
            (() => Archive(("a/data.pkl", "N."), ("a/version", "3"), ("a/data.pkl", "N.")), "two records named"),
        ["record outside the folder"] =
            (() => Archive(("a/data.pkl", "N."), ("a/version", "3"), ("b/data.pkl", "N.")), "one folder"),
        ["record that climbs"] = (() => Archive(("a/data.pkl", "N."), ("a/../../x", "")), "not one that"),
        ["absolute record"] = (() => Archive(("/a/data.pkl", "N.")), "not one that"),
        ["backslash in a name"] = (() => Archive(("a\\data.pkl", "N.")), "not one that"),
        ["TorchScript"] = (() => Archive(("a/data.pkl", "N."), ("a/version", "3"), ("a/code/x.py", "")), "TorchScript"),
        ["no version"] = (() => Archive(("a/data.pkl", "N.")), "version"),
        ["version from the future"] = (() => Archive(("a/data.pkl", "N."), ("a/version", "11")), "'11'"),
        ["byte order that does not exist"] =
            (() => Archive(("a/data.pkl", "N."), ("a/version", "3"), ("a/byteorder", "middle")), "'middle'"),
        ["office document"] =
            (() => Archive(("[Content_Types].xml", ""), ("word/document.xml", "")), "not a PyTorch file"),
        ["NumPy archive"] = (() => Archive(("weight.npy", "")), "not a PyTorch file"),
        ["pickle behind the pickle"] =
            (() => Archive(("a/data.pkl", "N.cos\nsystem\n."), ("a/version", "3")), "bytes follow it"),
        ["forbidden name inside"] =
            (() => Archive(("a/data.pkl", "cos\nsystem\n."), ("a/version", "3")), "'os.system'"),
    };

    public static TheoryData<string> Names() => new(Tricks.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void MaliciousZip_IsRefusedWithTheReason(string name)
    {
        byte[] file = Tricks[name].Make();

        var refusal = Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Read(file, "model.pth"));

        Assert.Contains(Tricks[name].Named, refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("model.pth", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UnpatchedZip_IsRead() => Assert.Equal(3, CheckpointFile.Read(Samples.Zip(), "model.pth").Map.Count);

    [Theory]
    [InlineData("<!DOCTYPE html><html>", "a web page")]
    [InlineData("  <html>", "a web page")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid", "git-LFS")]
    [InlineData("\u001f\u008b\u0008", "gzip")]
    [InlineData("\u00ff\u00d8\u00ff\u00e0", "JPEG")]
    [InlineData("\u0089PNG\r\n", "PNG")]
    [InlineData("7z\u00bc\u00af", "7-Zip")]
    [InlineData("{\"message\": \"Not found\"}", "JSON")]
    [InlineData("\u0093NUMPY", ".npy")]
    [InlineData("PK\u0005\u0006", "empty ZIP")]
    [InlineData("\u0089HDF\r\n", "HDF5")]
    [InlineData("", "empty")]
    [InlineData("\u00fe\u00fe", "fefe")]
    public void ForeignFile_IsRefusedByWhatItIs(string content, string named)
    {
        var refusal =
            Assert.Throws<CheckpointFormatException>(
            () => CheckpointFile.Read(Encoding.Latin1.GetBytes(content), "weights.pth"));

        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    private static byte[] Patch(uint signature, int at, byte value, bool add = false)
    {
        byte[] file = Samples.Zip();
        int position = Find(file, signature, 0) + at;
        file[position] = add ? (byte)(file[position] + value) : value;
        return file;
    }

    private static byte[] PatchSecondOffset()
    {
        byte[] file = Samples.Zip();
        int second = Find(file, Central, Find(file, Central, 0) + 4);
        file.AsSpan(second + 42, 4).Clear();
        return file;
    }

    private static byte[] PatchCount(int add)
    {
        byte[] file = Samples.Zip();
        int end = Find(file, End, 0);
        file[end + 8] = (byte)(file[end + 8] + add);
        file[end + 10] = (byte)(file[end + 10] + add);
        return file;
    }

    private static byte[] PatchWide()
    {
        byte[] file = Samples.Zip();
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Find(file, End, 0) + 16), uint.MaxValue);
        return file;
    }

    private static int Find(byte[] file, uint signature, int from)
    {
        byte[] mark = BitConverter.GetBytes(signature);
        return from + file.AsSpan(from).IndexOf(mark);
    }

    private static byte[] Archive(params (string Name, string Content)[] records)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in records)
            {
                using Stream record = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                record.Write(Encoding.Latin1.GetBytes(content));
            }
        }

        return stream.ToArray();
    }
}
