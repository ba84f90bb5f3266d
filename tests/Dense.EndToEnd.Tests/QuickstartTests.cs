namespace Dense.EndToEnd.Tests;

public sealed class QuickstartTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Quickstart_PretrainsFineTunesAndReports()
    {
        ChildProcess result = Densecl.Run(
            "quickstart", "--output", _folder["run"], "--epochs", "1", "--iterations", "2",
            "--unlabelled", "64", "--labelled", "8", "--validation", "2");

        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Contains("FCOS box AP", result.Output);
        Assert.Contains("SOLOv2 mask AP", result.Output);
        Assert.Contains($"MODEL.WEIGHTS {_folder["run/densecl_backbone.pkl"]}", result.Errors);
        string report = File.ReadAllText(_folder["run/report.html"]);
        string[] pictures = [.. report.Split("<img src=\"").Skip(1).Select(part => part[..part.IndexOf('"')])];
        Assert.Equal(9, pictures.Length);
        Assert.All(pictures, name => Assert.True(File.Exists(_folder[$"run/{name}"]), name));
    }

    [Fact]
    public void Quickstart_NamesTheCommandThatFailed()
    {
        _folder.Write("run/scenes/mine.txt", "");

        ChildProcess result = Densecl.Run("quickstart", "--output", _folder["run"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("densecl dataset generate", result.Errors);
        Assert.Contains("not empty", result.Errors);
        Assert.DoesNotContain("   at ", result.Errors);
    }

    [Fact]
    public void Quickstart_RefusesWrongUseWithExitCode2()
    {
        ChildProcess result = Densecl.Run("quickstart", "--seeds", "0");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--seeds", result.Errors);
    }

    public void Dispose() => _folder.Dispose();
}
