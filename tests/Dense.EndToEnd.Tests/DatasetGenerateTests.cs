namespace Dense.EndToEnd.Tests;

public sealed class DatasetGenerateTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Generate_WritesTheDataSet_AndNamesItsFolder()
    {
        string target = _folder["scenes"];

        ChildProcess result = Densecl.Run(
            "dataset", "generate", target, "--images", "10", "--unlabelled", "3", "--probe", "8", "--split");

        Assert.Equal((0, target + "\n"), (result.ExitCode, result.Output));
        Assert.Equal(8, Directory.GetFiles(Path.Combine(target, "train")).Length);
        Assert.Equal(3, File.ReadLines(Path.Combine(target, "unlabelled.txt")).Count());
    }

    [Fact]
    public void Generate_RefusesASizeOutOfRange()
    {
        ChildProcess result = Densecl.Run("dataset", "generate", _folder["scenes"], "--size", "8");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("48", result.Errors, StringComparison.Ordinal);
    }
}
