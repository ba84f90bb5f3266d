using System.Text.Json;

namespace Dense.EndToEnd.Tests;

public sealed class PretrainTests : IDisposable
{
    private readonly SmallTraining _training = new();

    [Fact]
    public void Pretrain_TrainsAndPrintsTheLastCheckpoint()
    {
        ChildProcess result = Densecl.Run(_training.Arguments("run"));

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(_training.Folder["run/epoch_2.pth"], result.Output.Trim());
        Assert.True(File.Exists(_training.Folder["run/config.yaml"]));
        Assert.Contains("Epoch [2][4/4]", result.Errors);
        Assert.Contains("loss_contra_dense", File.ReadAllText(
            Assert.Single(Directory.GetFiles(_training.Folder["run"], "*.log.json"))));
    }

    [Fact]
    public void Pretrain_SaysThatNothingIsLeftToDo()
    {
        Densecl.Run(_training.Arguments("run"));

        ChildProcess result = Densecl.Run(_training.Arguments("run", "--resume"));

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Nothing to do", result.Errors);
    }

    [Fact]
    public void Pretrain_ReproducesARunFromTheConfigurationBesideItsCheckpoints()
    {
        Densecl.Run(_training.Arguments("run"));

        ChildProcess result = Densecl.Run(
            "pretrain", "--config-file", _training.Folder["run/config.yaml"], "OUTPUT_DIR", _training.Folder["again"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(LossesOf("run"), LossesOf("again"));
    }

    [Fact]
    public void Pretrain_LeadsToAFileForDetectron2()
    {
        Densecl.Run(_training.Arguments("run", "MODEL.BACKBONE.NUM_STAGES", "4", "MODEL.BACKBONE.WIDTH", "64"));

        ChildProcess extracted = Densecl.Run(
            "extract", _training.Folder["run/latest.pth"], _training.Folder["backbone.pth"]);
        ChildProcess converted = Densecl.Run(
            "convert", _training.Folder["backbone.pth"], _training.Folder["backbone.pkl"]);
        ChildProcess inspected = Densecl.Run("inspect", _training.Folder["backbone.pkl"]);

        Assert.Equal((0, 0, 0), (extracted.ExitCode, converted.ExitCode, inspected.ExitCode));
        Assert.Contains("ResNet-18", inspected.Output);
    }

    [Theory]
    [InlineData(new[] { "MODEL.QUEUE_LEN", "33" }, "MODEL.QUEUE_LEN")]
    [InlineData(new[] { "MODEL.QEUE_LEN", "32" }, "QUEUE_LEN")]
    [InlineData(new[] { "--nope" }, "--nope")]
    [InlineData(new[] { "SEED" }, "SEED")]
    [InlineData(new[] { "--fresh=true" }, "true")]
    [InlineData(new[] { "--num-gpus", "-1" }, "--num-gpus -1: expected 0 or more")]
    public void Pretrain_RefusesWrongUseWithExitCode2(string[] arguments, string named)
    {
        ChildProcess result = Densecl.Run(_training.Arguments("run", arguments));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(named, result.Errors);
        Assert.DoesNotContain("   at ", result.Errors);
    }

    [Fact]
    public void Pretrain_NamesAMissingFolderWithExitCode1()
    {
        ChildProcess result = Densecl.Run(_training.Arguments("run", "DATA.ROOT", _training.Folder["nowhere"]));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("nowhere", result.Errors);
    }

    [Fact]
    public void Pretrain_StopsBeforeTheUpdateWhenTheLossIsNotFinite()
    {
        ChildProcess result = Densecl.Run(_training.Arguments("run", "SOLVER.BASE_LR", "1e30", "SOLVER.EPOCHS", "4"));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("expected a finite number", result.Errors);
        Assert.Contains("Its images:", result.Errors);
        Assert.Single(Directory.GetFiles(_training.Folder["run"], "diverged_iter_*.pth"));
    }

    // In a process of its own, because the peak of a process that runs other tests says nothing (R14).
    [Fact]
    public void Pretrain_HoldsItsPeakMemoryOverAThousandSteps()
    {
        ChildProcess result = Densecl.Run(_training.Arguments("run",
            "SOLVER.EPOCHS", "500", "CHECKPOINT.INTERVAL_EPOCHS", "500", "LOG.INTERVAL", "4"));

        int[] memory = [.. File.ReadAllLines(Directory.GetFiles(_training.Folder["run"], "*.log.json").Single())
            .Skip(1).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("memory").GetInt32())];

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(500, memory.Length);
        Assert.InRange(memory[^1], memory[249], memory[249] * 1.01);
    }

    public void Dispose() => _training.Dispose();

    // The figures of each log point, without times and memory.
    private string LossesOf(string run) => string.Join('\n', File.ReadAllLines(
            Directory.GetFiles(_training.Folder[run], "*.log.json").Single()).Skip(1)
        .Select(line => line[line.IndexOf("\"loss_contra_single\"", StringComparison.Ordinal)..line.IndexOf(
            ",\"images_per_second\"", StringComparison.Ordinal)]));
}
