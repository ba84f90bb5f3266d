namespace Dense.EndToEnd.Tests;

public sealed class PublishTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("Category", "Soak")]
    public void PublishedFolder_ComputesOnItsOwn()
    {
        // Its own intermediate folder would rebuild everything; the one of the ordinary build is up to date by now.
        string[] arguments = ["publish", RepositoryRoot.Combine("src", "Dense.Cli"), "-c", "Release", "-m:1", "-o",
            _folder.Path];
        ChildProcess publish = ChildProcess.Run("dotnet", arguments);
        Assert.True(publish.ExitCode == 0, publish.Output);

        ChildProcess result = Densecl.Run(_folder.Path, [], "doctor");

        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.Contains("a convolution and its gradient are right", result.Output, StringComparison.Ordinal);
        Assert.Contains($"taken from {_folder.Path}", result.Output, StringComparison.Ordinal);
    }
}
