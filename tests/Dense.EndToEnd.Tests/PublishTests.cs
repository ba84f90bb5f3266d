using System.Diagnostics;

namespace Dense.EndToEnd.Tests;

public sealed class PublishTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("publish").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    [Trait("Category", "Soak")]
    public void PublishedFolder_ComputesOnItsOwn()
    {
        // Its own intermediate folder would rebuild everything; the one of the ordinary build is up to date by now.
        string[] arguments = ["publish", RepositoryRoot.Combine("src", "Dense.Cli"), "-c", "Release", "-m:1", "-o", _folder];
        using Process publish = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        string log = publish.StandardOutput.ReadToEnd();
        publish.WaitForExit();
        Assert.True(publish.ExitCode == 0, log);

        Densecl.Result result = Densecl.Run(_folder, [], "doctor");

        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.Contains("a convolution and its gradient are right", result.Output, StringComparison.Ordinal);
        Assert.Contains($"taken from {_folder}", result.Output, StringComparison.Ordinal);
    }
}
