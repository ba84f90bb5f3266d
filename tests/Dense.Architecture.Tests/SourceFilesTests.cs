namespace Dense.Architecture.Tests;

/// <summary>Limits that keep a file readable from top to bottom.</summary>
public class SourceFilesTests
{
    private const int LongestFile = 600;
    private const int LongestOnMainPath = 300;

    // Program → PretrainCommand → PretrainingLoop → DenseCl: the four files that a newcomer reads first.
    private static readonly string[] MainPath = ["Program.cs", "PretrainCommand.cs", "PretrainingLoop.cs",
        "DenseCl.cs"];

    [Fact]
    public void SourceFile_IsShortEnoughToRead()
    {
        var tooLong = SourceFiles()
            .Select(path => (Path: path, Lines: File.ReadLines(path).Count()))
            .Where(f => f.Lines > (MainPath.Contains(Path.GetFileName(f.Path)) ? LongestOnMainPath : LongestFile));

        Assert.Empty(tooLong);
    }

    private static IEnumerable<string> SourceFiles() =>
        new[] { "src", "tests", "bench" }
            .SelectMany(folder => Directory.EnumerateFiles(
                RepositoryRoot.Combine(folder), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Contains("obj"));
}
