using System.Diagnostics;
using System.Text;
using Dense.Checkpoints;
using Dense.Distributed.Launch;

namespace Dense.EndToEnd.Tests;

/// <summary>R1, R12, E-124, E-152 through real processes of this machine. Needs Debian's openmpi-bin.</summary>
[Trait("Category", "Mpi")]
public sealed class SeveralProcessesTests : IDisposable
{
    private static readonly string[] TwoRanks = ["--num-processes", "2"];
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly SmallTraining _training = new();

    [Fact]
    public void Pretrain_WritesItsFilesOnceAndPrintsOnce()
    {
        ChildProcess result = Densecl.Run(_training.Arguments("run", TwoRanks));

        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal(_training.Folder["run/epoch_2.pth"], result.Output.Trim());
        Assert.Contains("global batch 16, 2 iterations per epoch", result.Errors);
        Assert.Equal(2, result.Errors.Split('\n').Count(l => l.StartsWith("Epoch [")));
        string log = Assert.Single(Directory.GetFiles(_training.Folder["run"], "*.log.json"));
        Assert.Equal(
            log.Replace(".log.json", "_rank1.log"),
            Assert.Single(Directory.GetFiles(_training.Folder["run"], "*_rank1.log")));
    }

    // With an interval of two steps, steps 1 and 3 leave gradients for the next update, other ones on each rank
    // (P-116).
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(1, 2)]
    [InlineData(3, 2)]
    public void ResumedPretrain_EqualsAnUninterruptedOneBitByBit(int step, int updateInterval)
    {
        string[] settings =
        [
            .. TwoRanks, "CHECKPOINT.INTERVAL_ITERS", "1", "CHECKPOINT.INTERVAL_EPOCHS", "1",
            "SOLVER.UPDATE_INTERVAL", $"{updateInterval}", "SOLVER.ALLOW_UPDATE_INTERVAL", "True",
        ];
        Densecl.Run(_training.Arguments("whole", settings));
        Densecl.Run(_training.Arguments("parts", settings));
        string name = step == 2 ? "epoch_1.pth" : $"iter_{step}.pth";
        IEnumerable<string> others = Directory.GetFiles(_training.Folder["parts"], "*.pth")
            .Where(p => Path.GetFileName(p) != name);
        foreach (string path in others)
            File.Delete(path);

        ChildProcess resumed = Densecl.Run(_training.Arguments("parts", settings));

        Assert.True(resumed.ExitCode == 0, resumed.Errors);
        Assert.Contains($"Resumed from {_training.Folder["parts/" + name]}", resumed.Errors);
        AssertSameWeights("whole/epoch_2.pth", "parts/epoch_2.pth");
        Assert.ThrowsAny<Exception>(() => AssertSameWeights("whole/epoch_2.pth", "whole/epoch_1.pth"));
    }

    [Theory]
    [InlineData(Signals.Terminate, 143)]
    [InlineData(Signals.User, 138)]
    public void StoppedPretrain_SavesACheckpointAndEndsWithTheSignalsCode(int signal, int code)
    {
        string[] interval = ["SOLVER.UPDATE_INTERVAL", "20", "SOLVER.ALLOW_UPDATE_INTERVAL", "True"];
        using Process process = _training.Start("run", Endless([.. TwoRanks, .. interval]));
        _training.WaitFor("run/latest.pth", process);

        ProcessSignals.Send(process.Id, signal);
        process.WaitForExit();

        Assert.Equal(code, process.ExitCode);
        CheckpointMap meta = CheckpointFile.Read(_training.Folder["run/latest.pth"]).Map.GetMap("meta");
        Assert.Equal(0, meta.GetInt64("iter") % 20); // The update was waited for.
        Assert.Contains("a checkpoint is saved", FirstLog());
        Assert.Empty(Ranks(process));
    }

    [Fact]
    public void KilledLauncher_LeavesNoRankBehind()
    {
        using Process process = _training.Start("run", Endless(TwoRanks));
        _training.WaitFor("run/latest.pth", process);

        process.Kill();
        process.WaitForExit();

        Assert.True(SpinWait.SpinUntil(() => Ranks(process).Length == 0, Limit), "A rank outlives its launcher.");
    }

    [Fact]
    public void KilledRank_IsNamedAndEndsTheOthers()
    {
        var errors = new StringBuilder();
        using Process process = _training.Start("run", Endless("--num-processes", "4", "MODEL.QUEUE_LEN", "64"));
        process.ErrorDataReceived += (_, line) => errors.Append(line.Data);
        _training.WaitFor("run/latest.pth", process);

        ProcessSignals.Send(Ranks(process)[0], Signals.Kill);

        Assert.True(process.WaitForExit(Limit), "The others did not end.");
        process.WaitForExit(); // For the last of the output.
        Assert.Equal(1, process.ExitCode);
        Assert.Matches(
            "Rank [0-3] of 4 ended by signal 9 .process [0-9]+, last in operation [0-9]+, ", errors.ToString());
        Assert.Empty(Ranks(process));
    }

    [Fact]
    public void KilledRank_IsReplacedAndTheResultIsThatOfAnUndisturbedRun()
    {
        string[] settings =
        [
            .. TwoRanks, "--max-restarts", "1",
            "SOLVER.EPOCHS", "60", "CHECKPOINT.INTERVAL_ITERS", "1", "CHECKPOINT.KEEP_LAST", "2",
        ];
        using Process process = _training.Start("disturbed", ["--fresh", .. settings]);
        _training.WaitFor("disturbed/latest.pth", process);

        ProcessSignals.Send(Ranks(process)[^1], Signals.Kill);
        process.WaitForExit();
        ChildProcess whole = Densecl.Run(_training.Arguments("whole", settings));

        Assert.Equal((0, 0), (process.ExitCode, whole.ExitCode));
        Assert.Equal(2, Directory.GetFiles(_training.Folder["disturbed"], "*.log.json").Length);
        AssertSameWeights("whole/epoch_60.pth", "disturbed/epoch_60.pth");
    }

    [Fact]
    public void DivergedPretrain_EndsAllRanksBeforeTheUpdateWithOneMessage()
    {
        ChildProcess result = Densecl.Run(_training.Arguments(
            "run", [.. TwoRanks, "--max-restarts", "2", "SOLVER.BASE_LR", "1e30"]));

        Assert.Equal(1, result.ExitCode);
        Assert.Single(result.Errors.Split('\n'), l => l.StartsWith("densecl: "));
        Assert.Contains("expected a finite number. The weights were not updated", result.Errors);
        Assert.Single(Directory.GetFiles(_training.Folder["run"], "diverged_iter_*.pth"));
    }

    [Fact]
    public void Evaluation_IsThatOfOneProcessForAnyNumberOfThem()
    {
        using var detection = new SmallDetection();
        ChildProcess trained = detection.Run("run", TwoRanks);
        Assert.True(trained.ExitCode == 0, trained.Errors);

        var losses = new List<string>();
        foreach (string count in (string[])["1", "2", "3", "5"])
        {
            ChildProcess evaluated = detection.Run(
                count, "--eval-only", "--validation-loss", "--num-processes", count,
                "MODEL.WEIGHTS", detection.Folder["run/model_final.pth"], "SOLVER.IMS_PER_BATCH", "30");
            Assert.True(evaluated.ExitCode == 0, evaluated.Errors);
            Assert.Equal(SmallDetection.CopyPaste(trained), SmallDetection.CopyPaste(evaluated));
            string line = Assert.Single(evaluated.Errors.Split('\n'), l => l.Contains("Losses on scenes: "));
            losses.Add(line.Split("Losses on")[1]);
        }

        Assert.Single(losses.Distinct());

        string Results(string run) =>
            File.ReadAllText(detection.Folder[run + "/inference/coco_instances_results.json"]);
        Assert.Equal(Results("1"), Results("2"));
        Assert.Equal(Results("1"), Results("3"));
        Assert.Equal(Results("1"), Results("5"));
        Assert.True(Results("1").Length > 100, "Nothing was detected: the comparison says nothing.");
    }

    // E-42, E-72, E-179: machines without a common folder.
    [Fact]
    public void RanksWithFoldersOfTheirOwn_GoOnFromTheFirstRanksCheckpoint()
    {
        string[] settings = ["CHECKPOINT.INTERVAL_EPOCHS", "1"];
        Assert.Equal(0, Apart("one", [.. settings, "SOLVER.EPOCHS", "1"]).ExitCode);
        Directory.Delete(_training.Folder["one/second"], recursive: true);

        ChildProcess resumed = Apart("one", settings), whole = Apart("whole", settings);

        Assert.True(resumed.ExitCode == 0, resumed.Errors);
        Assert.True(whole.ExitCode == 0, whole.Errors);
        Assert.Contains("Resumed from out/epoch_1.pth: 1 epochs", resumed.Errors);
        AssertSameWeights("whole/first/out/epoch_2.pth", "one/first/out/epoch_2.pth");
        Assert.Empty(Directory.GetFiles(_training.Folder["one/second/out"], "*.pth"));

        ChildProcess Apart(string name, string[] more)
        {
            string[] places = [_training.Folder[name + "/first"], _training.Folder[name + "/second"]];
            string[] arguments = [Path.Combine(Densecl.Folder, "densecl"), .. _training.Arguments("", more)];
            arguments[Array.IndexOf(arguments, "OUTPUT_DIR") + 1] = "out";
            Array.ForEach(places, p => Directory.CreateDirectory(p));
            return ChildProcess.Run("mpirun",
            [
                "--oversubscribe", "--allow-run-as-root", "--bind-to", "none",
                "-np", "1", "--wdir", places[0], .. arguments, ":", "-np", "1", "--wdir", places[1], .. arguments,
            ], new Dictionary<string, string> { ["OMP_WAIT_POLICY"] = "PASSIVE" });
        }
    }

    // E-149: what no file holds is drawn by each rank for itself.
    [Fact]
    public void EvaluationOfRandomWeights_IsThatOfOneNetwork()
    {
        using var detection = new SmallDetection();
        string[] found = [.. new[] { "1", "2" }.Select(count =>
        {
            ChildProcess result = detection.Run(
                count, "--eval-only", "--allow-missing-weights", "--num-processes", count,
                "MODEL.WEIGHTS", "", "SOLVER.IMS_PER_BATCH", "2");
            Assert.True(result.ExitCode == 0, result.Errors);
            return File.ReadAllText(detection.Folder[count + "/inference/coco_instances_results.json"]);
        })];

        Assert.Equal(found[0], found[1]);
        Assert.True(found[0].Length > 100, "Nothing was detected: the comparison says nothing.");
    }

    public void Dispose() => _training.Dispose();

    private static string[] Endless(params string[] more) =>
    [
        .. more, "SOLVER.EPOCHS", "100000", "CHECKPOINT.INTERVAL_EPOCHS", "3", "CHECKPOINT.INTERVAL_ITERS", "3",
        "CHECKPOINT.KEEP_LAST", "2",
    ];

    private string FirstLog() => File.ReadAllText(
        Directory.GetFiles(_training.Folder["run"], "*.log").Single(p => !p.Contains("_rank")));

    // Every process of this training but the launcher: mpirun has another name.
    private int[] Ranks(Process launcher) =>
    [
        .. Process.GetProcessesByName("densecl").Select(p => p.Id).Where(id => id != launcher.Id
            && CommandLineOf(id).Contains(_training.Folder["run.yaml"])).Order(),
    ];

    private static string CommandLineOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline"); // Empty for a zombie.
        }
        catch (IOException)
        {
            return "";
        }
    }

    private void AssertSameWeights(string expected, string actual) =>
        Weights.AssertSame(_training.Folder[expected], _training.Folder[actual], "state_dict");
}
