using System.Diagnostics;
using Dense.Checkpoints;

namespace Dense.EndToEnd.Tests;

/// <summary>R2 and R4: what a training leaves behind when it is stopped or killed.</summary>
public sealed class InterruptionTests : IDisposable
{
    private const int Kills = 50;
    private const int Interrupt = 2;
    private const int Terminate = 15;

    private readonly SmallTraining _training = new();

    [Theory]
    [InlineData(Interrupt, 130)]
    [InlineData(Terminate, 143)]
    public void Training_SavesACheckpointAndEndsWithTheSignalsCode(int signal, int expected)
    {
        using Process process = _training.Start(
            "run", "SOLVER.EPOCHS", "100000", "CHECKPOINT.INTERVAL_EPOCHS", "100000", "CHECKPOINT.INTERVAL_ITERS", "3");
        _training.WaitFor("run/latest.pth", process);

        ProcessSignals.Send(process.Id, signal);
        process.WaitForExit();

        Assert.Equal(expected, process.ExitCode);
        CheckpointMap meta = CheckpointFile.Read(_training.Folder["run/latest.pth"]).Map.GetMap("meta");
        string log = File.ReadAllText(Directory.GetFiles(_training.Folder["run"], "*.log").Single());
        Assert.Contains("a checkpoint is saved", log);
        string target = new FileInfo(_training.Folder["run/latest.pth"]).LinkTarget!;
        Assert.Contains(target, (string[])[$"iter_{meta.GetInt64("iter")}.pth", $"epoch_{meta.GetInt64("epoch")}.pth"]);
    }

    // Each run goes on from where the one before was killed, and saves after every step: most kills hit a save.
    [Fact]
    public void Training_IsNeverLeftWithAnUnreadableLatestCheckpoint()
    {
        var random = new Random(1);
        long before = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            using Process process =
                _training.Start("run", "SOLVER.EPOCHS", "100000", "CHECKPOINT.INTERVAL_EPOCHS", "100000",
                "CHECKPOINT.INTERVAL_ITERS", "1", "CHECKPOINT.KEEP_LAST", "2");
            WaitForProgress(before, process);
            Thread.Sleep(random.Next(60));
            process.Kill();
            process.WaitForExit();

            long after = IterationsOf(_training.Folder["run/latest.pth"]);
            Assert.True(after > before, $"Kill {kill}: latest.pth is at step {after}, it was at {before} before.");
            before = after;
        }

        Assert.InRange(Directory.GetFiles(_training.Folder["run"], "iter_*.pth").Length, 1, 3);
    }

    [Fact]
    public void Training_FallsBackToTheCheckpointBeforeADamagedOne()
    {
        Densecl.Run(_training.Arguments("run", "CHECKPOINT.INTERVAL_EPOCHS", "1"));
        byte[] bytes = File.ReadAllBytes(_training.Folder["run/epoch_2.pth"]);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(_training.Folder["run/epoch_2.pth"], bytes);

        ChildProcess result = Densecl.Run(_training.Arguments("run"));

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Passing over a damaged checkpoint", result.Errors);
        Assert.Contains("epoch_2.pth", result.Errors);
        Assert.Contains("Resumed from " + _training.Folder["run/epoch_1.pth"], result.Errors);
    }

    [Fact]
    public void Training_SaysThatTheFolderCannotBeWritten()
    {
        _training.Folder.Write("run", "a file where the folder should be");

        ChildProcess result = Densecl.Run(_training.Arguments("run"));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(_training.Folder["run"], result.Errors);
        Assert.DoesNotContain("   at ", result.Errors);
    }

    public void Dispose() => _training.Dispose();

    private void WaitForProgress(long before, Process process)
    {
        string latest = _training.Folder["run/latest.pth"];
        string? target = before == 0 ? null : $"iter_{before}.pth";
        while (!File.Exists(latest) || new FileInfo(latest).LinkTarget == target)
        {
            Assert.False(process.HasExited, "The training ended by itself.");
            Thread.Yield();
        }
    }

    private static long IterationsOf(string path) => CheckpointFile.Read(path).Map.GetMap("meta").GetInt64("iter");
}
