namespace Dense.Architecture.Tests;

/// <summary>Limits that keep a file readable from top to bottom.</summary>
public class SourceFilesTests
{
    private const int LongestFile = 600;
    private const int LongestOnMainPath = 300;
    private const int LongestLine = 120;

    // Program → PretrainCommand → PretrainingLoop → DenseCl: the four files that a newcomer reads first.
    private static readonly string[] MainPath = ["Program.cs", "PretrainCommand.cs", "PretrainingLoop.cs",
        "DenseCl.cs"];

    // Their raw strings hold JSON with run-length masks as it was recorded: a break would be part of the data.
    private static readonly string[] RecordedData =
    [
        "tests/Dense.Coco.Tests/SmallCase.cs",
        "tests/Dense.Coco.Tests/Results/DetectionListTests.cs",
    ];

    [Fact]
    public void SourceFile_IsShortEnoughToRead()
    {
        var tooLong = SourceFiles()
            .Select(path => (Path: path, Lines: File.ReadLines(path).Count()))
            .Where(f => f.Lines > (MainPath.Contains(Path.GetFileName(f.Path)) ? LongestOnMainPath : LongestFile));

        Assert.Empty(tooLong);
    }

    [Fact]
    public void Line_FitsOnAScreen()
    {
        string[] recorded = [.. RecordedData.Select(path => RepositoryRoot.Combine(path))];

        var tooLong = SourceFiles()
            .Except(recorded)
            .SelectMany(path => File.ReadLines(path).Select((line, i) => (Path: path, Line: i + 1, line.Length)))
            .Where(l => l.Length > LongestLine);

        Assert.Empty(tooLong);
    }

    [Fact]
    public void FileWithRecordedData_ExistsAndNeedsTheException() =>
        Assert.All(RecordedData, path =>
            Assert.Contains(File.ReadLines(RepositoryRoot.Combine(path)), line => line.Length > LongestLine));

    private static IEnumerable<string> SourceFiles() =>
        new[] { "src", "tests", "bench" }
            .SelectMany(folder => Directory.EnumerateFiles(
                RepositoryRoot.Combine(folder), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Contains("obj"));
}
