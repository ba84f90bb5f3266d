using System.Diagnostics;
using System.Text.Json;

namespace Dense.Checkpoints.Tests.Safety;

[Trait("Category", "Golden")]
[Collection("child processes")]
public class HostileFileTests
{
    private const string Folder = "pretraining/hostile";

    public static TheoryData<string> HostileFiles() => Testing.Golden.Files(Folder, "*.p??");

    [Theory]
    [MemberData(nameof(HostileFiles))]
    public void HostileFile_MeetsItsStatedOutcome(string name)
    {
        string path = Testing.Golden.Require(Folder, name);
        using JsonDocument manifest =
            JsonDocument.Parse(File.ReadAllText(Testing.Golden.Require(Folder, "manifest.json")));
        JsonElement entry = manifest.RootElement.GetProperty("files").EnumerateArray()
            .Single(f => f.GetProperty("file").GetString() == name);
        string expected = entry.GetProperty("expected").GetString()!;
        long before = GC.GetAllocatedBytesForCurrentThread();

        CheckpointFormatException? refusal = null;
        try
        {
            CheckpointFile read = CheckpointFile.Read(path);
            Assert.NotEqual("clear error", expected);
            AssertHarmless(read, expected);
        }
        catch (CheckpointFormatException e)
        {
            refusal = e;
            Assert.StartsWith("clear error", expected);
            Assert.Contains(name, e.Message, StringComparison.Ordinal);
        }

        if (entry.GetProperty("kind").GetString() == "code execution")
            Assert.Matches("'(os|posix|subprocess|builtins|__builtin__)|0x69", refusal!.Message);

        long limit = manifest.RootElement.GetProperty("rules").GetProperty("limits").GetProperty("extra_memory_MB")
            .GetInt64() << 20;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, limit);
    }

    [Fact]
    public void Manifest_ListsEveryFile()
    {
        using JsonDocument manifest =
            JsonDocument.Parse(File.ReadAllText(Testing.Golden.Require(Folder, "manifest.json")));
        var listed = manifest.RootElement.GetProperty("files").EnumerateArray()
            .Select(f => f.GetProperty("file").GetString()!);

        Assert.Equal(listed.Order(StringComparer.Ordinal), HostileFiles().Select(row => row.Data));
    }

    [Fact]
    public void HostileFiles_LeaveNoProcessAndNoFileBehind()
    {
        string folder = Testing.Golden.Require(Folder);
        string[] before = Directory.GetFiles(Directory.GetCurrentDirectory());

        foreach (string file in Directory.GetFiles(folder, "*.p??"))
        {
            try
            {
                CheckpointFile.Read(file);
            }
            catch (CheckpointFormatException)
            {
                // Refused: what most of them deserve.
            }
        }

        Assert.Equal(before, Directory.GetFiles(Directory.GetCurrentDirectory()));
        Assert.DoesNotContain(Process.GetProcesses(), IsOurChild);
    }

    private static bool IsOurChild(Process process)
    {
        try
        {
            string[] fields = File.ReadAllText($"/proc/{process.Id}/stat").Split(") ")[^1].Split(' ');
            return fields[1] == Environment.ProcessId.ToString();
        }
        catch (IOException)
        {
            // It has ended in the meantime.
            return false;
        }
    }

    // Where success is allowed: the tensor that the manifest names, and nothing else.
    private static void AssertHarmless(CheckpointFile read, string expected)
    {
        if (!expected.Contains(" w ", StringComparison.Ordinal))
            return;

        TensorRecord w = read.Map.GetTensor("w");
        float[] values =
            [.. Enumerable.Range(0, (int)w.Count).Select(i => BitConverter.ToSingle(w.Bytes.Span[(4 * i)..]))];
        float[] wanted = expected.Contains("zeros", StringComparison.Ordinal) ? [0, 0, 0, 0] : [1, 2, 3, 4];
        Assert.Equal(wanted, values);
    }
}
