using System.Text.Json;
using Dense.Cli.Doctor;

namespace Dense.EndToEnd.Tests;

/// <summary>Native start-up on machines where something is wrong (R17).</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly BrokenInstallation _installation = new();

    public void Dispose() => _installation.Dispose();

    [Fact]
    public void Doctor_FindsEverythingInOrder_InAnUnbrokenInstallation()
    {
        ChildProcess result = _installation.Run("doctor", "--json");

        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.True(json.RootElement.GetProperty("ok").GetBoolean(), result.Output);
        Assert.Equal(0, result.ExitCode);
        string[] subjects = [.. json.RootElement.GetProperty("findings").EnumerateArray()
            .Select(f => f.GetProperty("subject").GetString()!)];
        Assert.Superset(
            new HashSet<string> { "system", "C library", "C++ runtime", "libtorch_cpu.so", "libLibTorchSharp.so",
                "computation", "CUDA", "SkiaSharp" },
            subjects.ToHashSet());
    }

    [Theory]
    [InlineData("libtorch_cpu.so")]
    [InlineData("libc10.so")]
    public void MissingLibtorch_IsNamed_WithTheRemedy(string library)
    {
        File.Delete(_installation.PathOf(library));

        string message = AssertFails();

        Assert.Contains(library, message, StringComparison.Ordinal);
        Assert.Contains("DENSECL_LIBTORCH", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("libtorch_cpu.so")]
    [InlineData("libLibTorchSharp.so")]
    [InlineData("libSkiaSharp.so")]
    public void CorruptedLibrary_IsNamed(string library)
    {
        _installation.Replace(library, [.. "no library at all"u8]);

        Assert.Contains(library, AssertFails(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("libLibTorchSharp.so", 0.5)]
    [InlineData("libc10.so", 0.9)]
    [InlineData("libSkiaSharp.so", 0.5)]
    public void LibraryThatWasCutShort_IsNamed_AndTakesNobodyDown(string library, double share)
    {
        byte[] whole = File.ReadAllBytes(_installation.PathOf(library));
        _installation.Replace(library, whole[..(int)(share * whole.Length)]);

        string message = AssertFails();

        Assert.Contains(library.Contains("Skia", StringComparison.Ordinal)
            ? "SkiaSharp"
            : library, message, StringComparison.Ordinal);
    }

    [Fact]
    public void EmptyFolder_InTheVariable_IsNamed()
    {
        string empty = Directory.CreateDirectory(_installation.PathOf("empty")).FullName;

        string message = AssertFails(empty);

        Assert.Contains(empty, message, StringComparison.Ordinal);
        Assert.Contains("torch/lib", message, StringComparison.Ordinal);
    }

    [Fact]
    public void FolderThatDoesNotExist_InTheVariable_IsNamed() =>
        Assert.Contains("/nowhere/torch, which is no folder", AssertFails("/nowhere/torch"), StringComparison.Ordinal);

    [Fact]
    public void SecondLibtorch_IsRefused_BeforeItAbortsTheProcess()
    {
        // A real copy: TorchSharp would map it beside the first one. The three names are all that is looked at.
        string other = Directory.CreateDirectory(_installation.PathOf("other")).FullName;
        foreach (string name in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"])
            File.WriteAllBytes(Path.Combine(other, name), []);

        string message = AssertFails(other);

        Assert.Contains("Two cannot be loaded", message, StringComparison.Ordinal);
        Assert.Contains("TorchBackend=none", message, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherLibtorch_IsUsed_WhereTheProgramHasNone()
    {
        string other = Directory.CreateDirectory(_installation.PathOf("other")).FullName;
        foreach (string file in Directory.GetFiles(_installation.Folder, "lib*")
            .Where(f => IsLibtorch(Path.GetFileName(f))))
        {
            File.Move(file, Path.Combine(other, Path.GetFileName(file)));
        }

        ChildProcess result = _installation.RunWith(other, "doctor");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("has everything that TorchSharp calls", result.Output, StringComparison.Ordinal);
        Assert.Contains("a convolution and its gradient are right", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("libtorch_cpu.so")]
    [InlineData("libLibTorchSharp.so")]
    public void CommandThatNeedsLibtorch_SaysInPlainWords_ThatItDoesNotLoad(string library)
    {
        _installation.Replace(library, [.. "no library at all"u8]);

        ChildProcess result = _installation.Run("pretrain", "--config-file", "any.yaml");

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("densecl: libtorch does not load: ", result.Errors, StringComparison.Ordinal);
        Assert.Contains(library, result.Errors, StringComparison.Ordinal);
        Assert.EndsWith("run: densecl doctor\n", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void CommandsThatHandleFiles_NeedNoLibtorch()
    {
        foreach (string file in Directory.GetFiles(_installation.Folder, "lib*")
            .Where(f => IsLibtorch(Path.GetFileName(f))))
        {
            File.Delete(file);
        }

        Assert.Equal(0, _installation.Run("models", "--cache", _installation.PathOf("cache")).ExitCode);
        Assert.Equal(
            0, _installation.Run("dataset", "generate", _installation.PathOf("scenes"), "--images", "1").ExitCode);
    }

    [Fact]
    public void Child_ThatIsEndedByASignal_LeavesTheNameOfWhatItLoaded()
    {
        IReadOnlyList<Finding> findings = DoctorPart.Read(
            "@begin libc10.so\n@begin libtorch_cpu.so\n", exitCode: 135, errors: "\n");

        Finding finding = Assert.Single(findings);
        Assert.Equal((FindingStatus.Fail, "libtorch_cpu.so"), (finding.Status, finding.Subject));
        Assert.Contains("signal 7", finding.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, null, 0, "no GPU")]
    [InlineData(false, 0, 0, "no GPU")]
    [InlineData(false, 1, 0, "TorchBackend=cuda")]
    [InlineData(true, null, 0, "libcuda.so.1")]
    [InlineData(true, 0, 0, "--gpus all")]
    [InlineData(true, 2, 0, "update it")]
    [InlineData(true, 2, 2, "2 GPU(s)")]
    public void Cuda_IsJudgedByPackageAndDriverTogether(bool library, int? devices, int usable, string expected)
    {
        Finding finding = CudaChecks.Judge(library, devices, usable);

        Assert.Contains(expected, finding.Text + finding.Remedy, StringComparison.Ordinal);
        Assert.NotEqual(FindingStatus.Fail, finding.Status);
    }

    // The doctor fails with plain words.
    private string AssertFails(string? torchFolder = null)
    {
        ChildProcess doctor = torchFolder is null
            ? _installation.Run("doctor")
            : _installation.RunWith(torchFolder, "doctor");

        Assert.Equal(1, doctor.ExitCode);
        Assert.DoesNotContain("TypeInitializationException", doctor.Output + doctor.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", doctor.Output + doctor.Errors, StringComparison.Ordinal);
        return string.Join('\n', doctor.Output.Split('\n')
            .SkipWhile(l => !l.StartsWith("fail", StringComparison.Ordinal)));
    }

    private static bool IsLibtorch(string name) =>
        name.StartsWith("libtorch", StringComparison.Ordinal) || name.StartsWith("libc10", StringComparison.Ordinal)
        || name.StartsWith("libgomp", StringComparison.Ordinal) || name.StartsWith("libshm", StringComparison.Ordinal);
}
