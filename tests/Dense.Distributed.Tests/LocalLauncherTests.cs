using Dense.Distributed.Launch;
using Dense.Distributed.Liveness;
using Dense.Distributed.Mpi;

namespace Dense.Distributed.Tests;

/// <summary>What the launcher does before it starts anything.</summary>
[Trait("Category", "Mpi")]
public sealed class LocalLauncherTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Stop_BeforeTheStart_StartsNothing()
    {
        var launcher = new LocalLauncher(Touch(), _ => { });

        launcher.Stop();
        LaunchResult result = launcher.Run();

        Assert.Equal(new LaunchResult(Signals.ExitCode(Signals.User), null), result);
        Assert.False(File.Exists(_folder["started"]));
        Assert.Equal(0, new LocalLauncher(Touch(), _ => { }).Run().ExitCode);
        Assert.True(File.Exists(_folder["started"]));
    }

    [Fact]
    public void WrongLimit_IsRefusedOnceWithItsVariable()
    {
        ChildProcess result = RankProgram.Launch(2, ["fail", "1"], 3, (RankLimits.SilenceVariable, "soon"));

        Assert.Contains(nameof(LaunchException), result.Errors);
        Assert.Contains("DENSECL_SILENCE_TIMEOUT is soon; expected seconds, such as 600", result.Errors);
        Assert.DoesNotContain("Restart", result.Errors);
    }

    [Theory]
    [InlineData("mpirun", "mpirun of Open MPI; it is not on PATH")]
    [InlineData("setpriv", "setpriv of util-linux; it is not on PATH")]
    [InlineData("setsid", "setsid of util-linux; it is not on PATH")]
    public void MissingProgram_IsNamedWithItsPackage(string missing, string expected)
    {
        foreach (string program in ((string[])["mpirun", "setpriv", "setsid"]).Where(p => p != missing))
            _folder.Write(program, "");

        ChildProcess result = RankProgram.Launch(2, ["fail", "1"], 3, ("PATH", _folder.Path));

        Assert.Contains(nameof(MpiNotFoundException), result.Errors);
        Assert.Contains(expected, result.Errors);
    }

    public void Dispose() => _folder.Dispose();

    private LaunchSettings Touch() => new()
    {
        Program = "touch",
        Arguments = [_folder["started"]],
        RestartArguments = () => [],
        Processes = 1,
    };
}
