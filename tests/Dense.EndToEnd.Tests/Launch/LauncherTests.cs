using Dense.Distributed.Liveness;

namespace Dense.EndToEnd.Tests.Launch;

/// <summary>What the launcher makes of the end of <c>mpirun</c>, in whose place a script stands (R12).</summary>
[Trait("Category", "Mpi")]
public sealed class LauncherTests : IDisposable
{
    private const string Die = "kill -9 $$";

    private const string StartTwo = """
        while [ "$1" != -np ]; do shift; done; shift 2
        OMPI_COMM_WORLD_RANK=0 "$@" & OMPI_COMM_WORLD_RANK=1 "$@"; code=$?
        wait; exit $code
        """;

    private readonly TempFolder _folder = new();

    public LauncherTests()
    {
        _folder.Write("run/epoch_7.pth", "of another run");
        File.CreateSymbolicLink(_folder["run/latest.pth"], "epoch_7.pth");
        _folder.Write("run/model_final.pth", "of another run");
        _folder.Write("run/last_checkpoint", "model_final.pth");
        _folder.Write("images/x.png", "");
        _folder.Write("pretrain.yaml", "DEVICE: cpu");
        _folder.Write("train.yaml", $"_BASE_: {RepositoryRoot.Path}/configs/DenseCL/FCOS_R50_1x_DenseCL.yaml");
    }

    [Theory]
    [InlineData("pretrain", "--fresh")]
    [InlineData("train", "--skip-bad-images")]
    [InlineData("train", "--reset-optimizer")]
    public void Restart_BeforeTheFirstCheckpoint_DoesNotGoOnFromAnotherRun(string command, string option)
    {
        string[] calls = Lose(command, Die, option);

        Assert.Contains(option, calls[0]);
        Assert.DoesNotContain("--resume", calls[0]);
        Assert.Equal([calls[0], calls[0]], calls);
    }

    [Fact]
    public void Restart_OfPretrain_GoesOnFromItsOwnCheckpoint()
    {
        string save = $"cd '{_folder["run"]}'; touch iter_1.pth; ln -sf iter_1.pth latest.pth";
        string[] calls = Lose("pretrain", $"{save}; {Die}", "--fresh");

        Assert.Equal([calls[0], calls[0].Replace(" --fresh", "")], calls);
    }

    [Fact]
    public void Restart_OfTrain_GoesOnFromItsOwnCheckpointThoughItHasTheSameName()
    {
        string[] calls = Lose("train", $"{Save}; {Die}", "--reset-optimizer");

        string resumed = calls[0].Replace(" --reset-optimizer", "").Replace("densecl train", "densecl train --resume");
        Assert.Equal([calls[0], resumed], calls);
    }

    [Fact]
    public void Restart_OfAnEvaluation_IsOfTheSameWeights()
    {
        string[] calls = Lose("train", $"{Save}; {Die}", "--eval-only");

        Assert.Equal([calls[0], calls[0]], calls);
    }

    [Fact]
    public void FailureBeforeTheRanksMeet_IsToldOnceAndNotTriedAgain()
    {
        ChildProcess result = Run("pretrain", $"export {RankLimits.SilenceVariable}=soon; {StartTwo}", []);

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(
            $"densecl: The environment variable {RankLimits.SilenceVariable} is soon; expected seconds, such as 600. "
            + "Correct or unset it.\n",
            result.Errors);
    }

    [Fact]
    public void WrongLimit_IsToldBeforeAnythingStarts()
    {
        ChildProcess result = Run("pretrain", Die, [], (RankLimits.CollectiveVariable, "-1"));

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith($"densecl: The environment variable {RankLimits.CollectiveVariable} is -1", result.Errors);
        Assert.False(File.Exists(_folder["calls"]));
    }

    public void Dispose() => _folder.Dispose();

    private string Save => $"touch -d '+1 hour' '{_folder["run/model_final.pth"]}'";

    // The arguments of both attempts.
    private string[] Lose(string command, string script, string option)
    {
        ChildProcess result = Run(command, script, [option]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Restart 1 of 1.", result.Errors);
        int Start(string call) => call.IndexOf($"densecl {command} ", StringComparison.Ordinal);
        return [.. File.ReadLines(_folder["calls"]).Select(c => c[Start(c)..])];
    }

    private ChildProcess Run(
        string command, string script, string[] options, params (string Name, string Value)[] variables)
    {
        _folder.Write("mpirun", $"#!/bin/sh\necho \"$@\" >> '{_folder["calls"]}'\n{script}\n");
        ChildProcess.Run("chmod", ["+x", _folder["mpirun"]]);
        var environment = variables.ToDictionary(v => v.Name, v => v.Value);
        environment["PATH"] = $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        return Densecl.Run(Densecl.Folder, environment,
        [
            command, .. options, "--config-file", _folder[$"{command}.yaml"],
            "--num-processes", "2", "--max-restarts", "1",
            .. command == "pretrain" ? (string[])["DATA.ROOT", _folder["images"]] : [], "OUTPUT_DIR", _folder["run"],
        ]);
    }
}
