namespace Dense.EndToEnd.Tests.Launch;

/// <summary>A library that has the name of Open MPI's and is another one's.</summary>
public sealed class ForeignMpiTests : IDisposable
{
    private const string Words = "libmpi.so.40 has no ompi_mpi_comm_world: it is not the Open MPI 4 or 5";

    private readonly TempFolder _folder = new();

    public ForeignMpiTests()
    {
        File.CreateSymbolicLink(_folder["libmpi.so.40"], Path.Combine(Densecl.Folder, "libSkiaSharp.so"));
        foreach (string program in (string[])["mpirun", "setpriv", "setsid"])
            _folder.Write(program, "");

        _folder.Write("run.yaml", "{DEVICE: cpu, DATA: {ROOT: images}}");
        _folder.Write("images/x.png", "");
    }

    [Fact]
    public void Rank_SaysSo() => AssertSaysSo(Run(
        [("OMPI_COMM_WORLD_RANK", "0")],
        "pretrain", "--config-file", _folder["run.yaml"], "OUTPUT_DIR", _folder["run"]));

    [Fact]
    public void Launcher_SaysSoBeforeItStartsRanks() => AssertSaysSo(Run(
        [], "pretrain", "--config-file", _folder["run.yaml"], "--num-processes", "2", "OUTPUT_DIR", _folder["run"]));

    [Fact]
    public void Doctor_SeesWhatTheProgramSees()
    {
        ChildProcess result = Run([], "doctor");

        Assert.Contains("only one process can run", result.Output);
        Assert.Contains(Words, result.Output);
    }

    [Theory]
    [InlineData("mpirun")]
    [InlineData("setpriv")]
    public void Doctor_NamesAMissingProgram(string program)
    {
        File.Delete(_folder[program]);

        Assert.Contains($"Several processes need {program} of", Run([], "doctor").Output);
    }

    public void Dispose() => _folder.Dispose();

    private static void AssertSaysSo(ChildProcess result)
    {
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("densecl: " + Words, result.Errors);
    }

    private ChildProcess Run((string Name, string Value)[] variables, params string[] arguments)
    {
        var environment = variables.ToDictionary(v => v.Name, v => v.Value);
        environment["LD_LIBRARY_PATH"] = _folder.Path;
        environment["PATH"] = _folder.Path;
        return Densecl.Run(Densecl.Folder, environment, arguments);
    }
}
