using System.Diagnostics;
using System.Text.Json;
using Dense.Checkpoints;

namespace Dense.EndToEnd.Tests;

public sealed class TrainTests : IDisposable
{
    private const int Interrupt = 2, Terminate = 15;

    private readonly SmallDetection _detection = new();

    [Fact]
    public void Train_GoesFromSettingsToAveragePrecision()
    {
        ChildProcess run = _detection.Run("run");

        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.StartsWith("Command line arguments: train --config-file ", run.Output);
        Assert.Contains(" Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = ", run.Output);
        Assert.Contains("Evaluation results for bbox: \n|", run.Output);
        Assert.Contains("copypaste: AP,AP50,AP75,APs,APm,APl\ncopypaste: ", run.Output);
        Assert.Contains(" eta: 0:00:00  iter: 5  total_loss: ", run.Errors);
        Assert.Matches(@"lr: \S+  peak_rss: \d+M", run.Errors);
        foreach (string file in new[]
        {
            "config.yaml", "log.txt", "metrics.json", "model_0000002.pth", "model_0000005.pth", "model_final.pth",
            "last_checkpoint", "inference/coco_instances_results.json", "inference/instances_predictions.pth",
        })
        {
            Assert.True(File.Exists(_detection.Folder["run/" + file]), file);
        }

        string metrics = _detection.Folder["run/metrics.json"];
        JsonElement step = JsonDocument.Parse(File.ReadLines(metrics).First()).RootElement;
        Assert.InRange(step.GetProperty("peak_rss").GetDouble(), 50, 1e6);
        JsonElement last = JsonDocument.Parse(File.ReadLines(metrics).Last()).RootElement;
        Assert.Equal(6, last.GetProperty("iteration").GetInt32());
        Assert.True(last.TryGetProperty("bbox/AP", out _));
        Assert.Matches(@"(?m)^\[\d\d/\d\d \d\d:\d\d:\d\d\] d2.utils.events INFO:  eta: ", File.ReadAllText(
            _detection.Folder["run/log.txt"]));
    }

    // Options behind the settings, shortened, with an equals sign: all three change nothing (E-20).
    [Fact]
    public void ResumedTrain_EqualsAnUninterruptedOneBitByBit()
    {
        ChildProcess whole = _detection.Run("whole");
        _detection.Run("parts", "SOLVER.MAX_ITER", "6");
        File.Delete(_detection.Folder["parts/model_final.pth"]);
        File.WriteAllText(_detection.Folder["parts/last_checkpoint"], "model_0000002.pth");

        ChildProcess resumed = _detection.Run("parts", "--resu", "--num-gpus=0");

        Assert.True(resumed.ExitCode == 0, resumed.Errors);
        Assert.Contains("3 iterations are done", resumed.Errors);
        Assert.Equal(SmallDetection.CopyPaste(whole), SmallDetection.CopyPaste(resumed));
        AssertSameWeights("whole/model_final.pth", "parts/model_final.pth");
    }

    [Fact]
    public void EvalOnly_RepeatsTheLastEvaluation()
    {
        ChildProcess trained = _detection.Run("run");

        ChildProcess evaluated = _detection.Run(
            "eval", "--eval-only", "MODEL.WEIGHTS", _detection.Folder["run/model_final.pth"]);
        ChildProcess resumed = _detection.Run("run", "--eval-only", "--resume");

        Assert.True(evaluated.ExitCode == 0, evaluated.Errors);
        Assert.Equal(SmallDetection.CopyPaste(trained), SmallDetection.CopyPaste(evaluated));
        Assert.Equal(SmallDetection.CopyPaste(trained), SmallDetection.CopyPaste(resumed));
        Assert.False(File.Exists(_detection.Folder["eval/model_final.pth"]));
    }

    // KF-31: of an older checkpoint, the statistics that training would have computed there.
    [Fact]
    public void PreciseBn_GivesTheStatisticsThatTrainingWouldHave()
    {
        _detection.Run("with");
        _detection.Run("without", "TEST.PRECISE_BN.ENABLED", "False");

        ChildProcess run = Densecl.Run(
            "precise-bn", "--config-file", _detection.Folder["run.yaml"], "--register-datasets",
            _detection.Folder["sets.yaml"],
            "OUTPUT_DIR", _detection.Folder["precise"], "MODEL.WEIGHTS", _detection.Folder["without/model_final.pth"]);

        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("Running precise BatchNorm of ", run.Errors);
        Assert.Contains("Saved the model with the new statistics to ", run.Errors);
        const string result = "precise/model_precise_bn.pth";
        AssertSameWeights("with/model_final.pth", result);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(
            () => AssertSameWeights("without/model_final.pth", result));
    }

    [Fact]
    public void PreciseBn_SaysSoWhenThereIsNothingToCompute()
    {
        ChildProcess run = Densecl.Run(
            "precise-bn", "--config-file", _detection.Folder["run.yaml"], "--register-datasets",
            _detection.Folder["sets.yaml"], "OUTPUT_DIR", _detection.Folder["precise"],
            "MODEL.RESNETS.NORM", "FrozenBN", "MODEL.FPN.NORM", "''", "--allow-missing-weights");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("MODEL.RESNETS.NORM", run.Errors);
        Assert.Contains("no BatchNorm layer that trains", run.Errors);
    }

    // KF-34, KF-35.
    [Fact]
    public void AccumulatedTrain_ReachesTheSameStepAndNamesABatchThatCannotBeDivided()
    {
        ChildProcess run = _detection.Run("parts", "--accumulate", "2", "--size-buckets", "2");
        ChildProcess wrong = _detection.Run("wrong", "--accumulate", "3");

        Assert.True(run.ExitCode == 0, run.Errors);
        string metrics = _detection.Folder["parts/metrics.json"];
        JsonElement step = JsonDocument.Parse(File.ReadLines(metrics).First()).RootElement;
        Assert.InRange(
            step.GetProperty("fcos_ctr_above_entropy").GetDouble(), 0, step.GetProperty("loss_fcos_ctr").GetDouble());
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("--accumulate", wrong.Errors);
        Assert.Contains("expected a multiple of", wrong.Errors);

        ChildProcess resumed = _detection.Run("parts", "--resume");

        Assert.True(resumed.ExitCode == 0, resumed.Errors);
        Assert.Contains("other options: --accumulate 2 (now 1), --size-buckets 2 (now 1). ", resumed.Errors);
    }

    // M-128.
    [Fact]
    public void PreciseBn_IsLeftOutWhereNoLayerTrains()
    {
        ChildProcess run = _detection.Run(
            "run", "MODEL.RESNETS.NORM", "FrozenBN", "MODEL.FPN.NORM", "''", "SOLVER.MAX_ITER", "1",
            "SOLVER.STEPS", "()");

        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.DoesNotContain("precise BatchNorm", run.Errors);
    }

    [Fact]
    public void ConfigOfARun_RepeatsIt()
    {
        ChildProcess first = _detection.Run("run");

        ChildProcess second = Densecl.Run(
            "train", "--config-file", _detection.Folder["run/config.yaml"], "--register-datasets",
            _detection.Folder["sets.yaml"],
            "OUTPUT_DIR", _detection.Folder["again"]);

        Assert.True(second.ExitCode == 0, second.Errors);
        Assert.Equal(SmallDetection.CopyPaste(first), SmallDetection.CopyPaste(second));
    }

    [Fact]
    public void ValidationLoss_IsLoggedWithItsTermsAndChangesNothing()
    {
        ChildProcess plain = _detection.Run("plain", "TEST.EVAL_PERIOD", "3");

        ChildProcess run = _detection.Run("run", "--validation-loss", "TEST.EVAL_PERIOD", "3");

        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("Losses on scenes: validation_loss: ", run.Errors);
        var losses = File.ReadLines(_detection.Folder["run/metrics.json"])
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.TryGetProperty("validation_loss", out _)).ToList();
        Assert.Equal([2, 6], losses.Select(line => line.GetProperty("iteration").GetInt32()));
        Assert.All(losses, line => Assert.Equal(
            line.GetProperty("validation_loss").GetDouble(),
            line.EnumerateObject().Where(p => p.Name.StartsWith("validation_loss_")).Sum(p => p.Value.GetDouble()),
            1e-9));
        AssertSameWeights("plain/model_final.pth", "run/model_final.pth");
    }

    [Theory]
    [InlineData(Interrupt, 130)]
    [InlineData(Terminate, 143)]
    public void StoppedTrain_SavesACheckpointAndEndsWithTheSignalsCode(int signal, int expected)
    {
        using Process process = _detection.Start("run", "SOLVER.MAX_ITER", "100000", "SOLVER.STEPS", "()");
        while (!File.Exists(_detection.Folder["run/last_checkpoint"]))
        {
            Assert.False(process.HasExited, "The training ended by itself.");
            Thread.Yield();
        }

        ProcessSignals.Send(process.Id, signal);
        process.WaitForExit();

        Assert.Equal(expected, process.ExitCode);
        string name = File.ReadAllText(_detection.Folder["run/last_checkpoint"]);
        long iteration = CheckpointFile.Read(_detection.Folder["run/" + name]).Map.GetInt64("iteration");
        Assert.Equal($"model_{iteration:D7}.pth", name);
        Assert.Contains("Stopped on request", File.ReadAllText(_detection.Folder["run/log.txt"]));
    }

    [Fact]
    public void UnexpectedResults_FailTheCommand()
    {
        ChildProcess run = _detection.Run(
            "run", "SOLVER.MAX_ITER", "1", "SOLVER.STEPS", "()", "TEST.EXPECTED_RESULTS", "[['bbox','AP',90.0,0.5]]");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("bbox/AP: expected 90 ± 0.5, found ", run.Errors);
    }

    [Fact]
    public void DamagedCheckpoint_IsPassedOver()
    {
        _detection.Run("run");
        File.WriteAllBytes(_detection.Folder["run/model_final.pth"], [1, 2, 3]);

        ChildProcess run = _detection.Run("run", "--resume");

        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("Passing over a damaged checkpoint", run.Errors);
        Assert.Contains("model_0000005.pth; 6 iterations are done", run.Errors);
    }

    [Theory]
    [InlineData(2, "8 processes on GPUs: this machine has", "--num-gpus", "8", "MODEL.DEVICE", "cuda")]
    [InlineData(2, "see docs/distributed.md", "--num-machines", "2")]
    [InlineData(2, "'--num' may be --num-gpus or --num-processes", "--num", "1")]
    [InlineData(2, "Unknown option '--nonsense'", "--nonsense")]
    [InlineData(2, "--solov2-own-grids is for SOLOv2", "--solov2-own-grids")]
    [InlineData(2, "--solov2-max-candidates 0: expected 1 or more", "--solov2-max-candidates", "0")]
    [InlineData(2, "SOLVER.BASE_RATE", "SOLVER.BASE_RATE", "1")]
    [InlineData(2, "MODEL.FCOS.NUM_CLASSES to 8", "MODEL.FCOS.NUM_CLASSES", "80")]
    [InlineData(2, "there is no file nowhere.pth", "MODEL.WEIGHTS", "nowhere.pth")]
    [InlineData(1, "expected a path, detectron2://", "MODEL.WEIGHTS", "s3://bucket/x.pkl")]
    [InlineData(2, "is a placeholder", "MODEL.WEIGHTS", "See Instructions")]
    [InlineData(2, "float16 training needs CUDA", "SOLVER.AMP.ENABLED", "True")]
    [InlineData(2, "multiple of", "SOLVER.REFERENCE_WORLD_SIZE", "3")]
    [InlineData(1, "There is no data set 'nothing'", "DATASETS.TEST", "('nothing',)")]
    public void Train_SaysWhatIsWrong(int exitCode, string message, params string[] arguments)
    {
        ChildProcess run = _detection.Run("run", arguments);

        Assert.True(run.ExitCode == exitCode, $"{run.ExitCode}: {run.Errors}");
        Assert.Contains(message, run.Errors);
        Assert.DoesNotContain("   at ", run.Errors);
    }

    // KF-20, M-140, E-192: before a folder is created and annotations are read.
    [Theory]
    [InlineData("is a placeholder", "MODEL.WEIGHTS", "See Instructions")]
    [InlineData("there is no file nowhere.pth", "MODEL.WEIGHTS", "nowhere.pth")]
    [InlineData("would keep its random weights", "--eval-only")]
    [InlineData("would keep its random weights", "--eval-only", "--resume")]
    public void Train_WritesNothingWithoutItsWeights(string message, params string[] arguments)
    {
        ChildProcess run = _detection.Run("run", arguments);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("MODEL.WEIGHTS", run.Errors);
        Assert.Contains(message, run.Errors);
        Assert.False(Directory.Exists(_detection.Folder["run"]));
    }

    // E-68, E-180. The rate at the end is a tenth of the base: STEPS [5].
    [Fact]
    public void ChangedBaseRate_IsIgnoredWithAWarningUnlessTheOptimizerIsReset()
    {
        string[] more = ["--resume", "SOLVER.MAX_ITER", "8", "SOLVER.BASE_LR", "0.02"];
        foreach (string output in (string[])["kept", "reset"])
            Assert.Equal(0, _detection.Run(output).ExitCode);

        ChildProcess kept = _detection.Run("kept", more);
        ChildProcess reset = _detection.Run("reset", [.. more, "--reset-optimizer"]);

        Assert.Contains(
            "The base learning rate stays 0.01 as in the checkpoint; the configuration's 0.02 is ignored. Give "
                + "--reset-optimizer", kept.Errors);
        Assert.DoesNotContain("The base learning rate stays", reset.Errors);
        Assert.Equal((0.001, 0.002), (LastRate("kept"), LastRate("reset")));

        double LastRate(string output) => File.ReadLines(_detection.Folder[output + "/metrics.json"])
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Last(line => line.TryGetProperty("lr", out _)).GetProperty("lr").GetDouble();
    }

    [Fact]
    public void UnreachableWeights_SayWhereToPutTheFile()
    {
        string cache = _detection.Folder["cache"];

        ChildProcess run = Densecl.Run(
            Densecl.Folder, new() { ["FVCORE_CACHE"] = cache, ["NO_PROXY"] = "127.0.0.1" },
            _detection.Arguments("run", "MODEL.WEIGHTS", "http://127.0.0.1:1/models/x.pkl"));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("densecl: http://127.0.0.1:1/models/x.pkl: Connection refused", run.Errors);
        Assert.Contains($"Put the file there by hand: {Path.Combine(cache, "models", "x.pkl")}", run.Errors);
    }

    [Fact]
    public void SeveralProcessesWithoutMpirun_NameThePackage()
    {
        ChildProcess run = Densecl.Run(
            Densecl.Folder,
            new() { ["PATH"] = _detection.Folder.Path },
            _detection.Arguments("run", "--num-processes", "2"));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(
            "densecl: Several processes need mpirun of Open MPI; it is not on PATH. Debian, Ubuntu: apt install "
            + "openmpi-bin",
            run.Errors);
    }

    [Fact]
    public void Cuda_IsAskedForByNameWhereThereIsNone()
    {
        ChildProcess run = _detection.Run("run", "MODEL.DEVICE", "cuda:7");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("MODEL.DEVICE cpu or --num-gpus 0", run.Errors);
    }

    public void Dispose() => _detection.Dispose();

    private void AssertSameWeights(string expected, string actual) =>
        Weights.AssertSame(_detection.Folder[expected], _detection.Folder[actual], "model");
}
