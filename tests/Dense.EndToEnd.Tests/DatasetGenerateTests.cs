namespace Dense.EndToEnd.Tests;

public sealed class DatasetGenerateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("generate").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Generate_WritesTheDataSet_AndNamesItsFolder()
    {
        string target = Path.Combine(_folder, "scenes");

        Densecl.Result result = Densecl.Run("dataset", "generate", target, "--images", "10", "--unlabelled", "3", "--probe", "8", "--split");

        Assert.Equal((0, target + "\n"), (result.ExitCode, result.Output));
        Assert.Equal(8, Directory.GetFiles(Path.Combine(target, "train")).Length);
        Assert.Equal(3, File.ReadLines(Path.Combine(target, "unlabelled.txt")).Count());
    }

    [Fact]
    public void Generate_RefusesASizeOutOfRange()
    {
        Densecl.Result result = Densecl.Run("dataset", "generate", Path.Combine(_folder, "scenes"), "--size", "8");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("48", result.Errors, StringComparison.Ordinal);
    }
}
