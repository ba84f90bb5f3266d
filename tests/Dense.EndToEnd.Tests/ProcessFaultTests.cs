using Dense.Checkpoints;
using Dense.Hub.Tests;

namespace Dense.EndToEnd.Tests;

/// <summary>What goes wrong around several processes: disks, downloads, wrong numbers.</summary>
[Trait("Category", "Mpi")]
public sealed class ProcessFaultTests
{
    private static readonly string[] TwoRanks = ["--num-processes", "2"];

    // R3, R12. A small file system of its own holds one checkpoint and not two.
    [Fact]
    public void FullDisk_EndsAllRanksWithOneMessageAndTheCheckpointBeforeIsIntact()
    {
        using var training = new SmallTraining();
        string[] settings = [.. TwoRanks, "CHECKPOINT.INTERVAL_EPOCHS", "1"];
        Densecl.Run(training.Arguments("whole", [.. settings, "SOLVER.EPOCHS", "1"]));
        long size = new FileInfo(training.Folder["whole/epoch_1.pth"]).Length;
        Directory.CreateDirectory(training.Folder["full"]);

        ChildProcess result = ChildProcess.Run("unshare",
        [
            "--user", "--map-root-user", "--mount", "sh", "-c",
            """
            full="$1" kept="$2" size="$3"; shift 3
            mount -t tmpfs -o "size=$size" tmpfs "$full" || exit 99
            "$@"; code=$?
            cp -a "$full" "$kept"; exit $code
            """,
            "sh", training.Folder["full"], training.Folder["kept"], $"{(size * 3 / 2) + 65536}",
            Path.Combine(Densecl.Folder, "densecl"), .. training.Arguments("full", settings),
        ]);

        Assert.SkipWhen(
            result.ExitCode is 99 || result.Errors.StartsWith("unshare: "),
            $"No file system of one's own: {result.Errors}");
        Assert.True(result.ExitCode == 1, result.Errors);
        Assert.Contains(
            "is full. Nothing was changed; free some space",
            Assert.Single(result.Errors.Split('\n'), l => l.StartsWith("densecl: ")));
        Assert.Equal(
            File.ReadAllBytes(training.Folder["whole/epoch_1.pth"]).Length,
            File.ReadAllBytes(training.Folder["kept/epoch_1.pth"]).Length);
        Assert.Equal("epoch_1.pth", new FileInfo(training.Folder["kept/latest.pth"]).LinkTarget);
        using CheckpointFile intact = CheckpointFile.Read(training.Folder["kept/epoch_1.pth"]);
        Assert.NotEmpty(intact.Map.GetMap("state_dict").Tensors);
    }

    [Fact]
    public void NamedWeights_AreDownloadedOnce()
    {
        using var detection = new SmallDetection();
        detection.Run("run", "DATASETS.TEST", "()");
        using var server = LoopbackServer.Of(File.ReadAllBytes(detection.Folder["run/model_final.pth"]));

        ChildProcess result = Densecl.Run(
            Densecl.Folder, new() { ["FVCORE_CACHE"] = detection.Folder["cache"], ["NO_PROXY"] = "127.0.0.1" },
            detection.Arguments("eval", [.. TwoRanks, "--eval-only", "MODEL.WEIGHTS", server.Root + "models/x.pth"]));

        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Single(server.Requests);
    }

    [Fact]
    public void MoreProcessesThanImagesOfABatch_IsSaid()
    {
        using var detection = new SmallDetection();

        ChildProcess result = detection.Run("run", "--num-processes", "3");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(
            "SOLVER.IMS_PER_BATCH: expected a multiple of the number of processes, which is 3, found 2",
            Assert.Single(result.Errors.Split('\n'), l => l.StartsWith("densecl: ")));
    }

    [Fact]
    public void MoreProcessesThanImages_IsSaid()
    {
        using var training = new SmallTraining();

        ChildProcess result = Densecl.Run(training.Arguments(
            "run", "--num-processes", "3", "DATA.BATCH_SIZE_PER_PROCESS", "16", "MODEL.QUEUE_LEN", "48"));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("32 images for 3 processes are 11 for each, expected at least one batch of 16", result.Errors);
    }
}
