using System.Text.Json;
using Dense.Checkpoints;
using Dense.Detection;
using Dense.Torch.Tests.Tensors;
using Dense.Training.Detection.Checkpointing;
using Dense.Training.Detection.Loop;
using Dense.Training.Detection.Settings;
using Dense.Training.Detection.Solver;
using Dense.Training.Loop;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Training.Detection.Loop;

[LeakCheck]
public class DetectionTrainerTests
{
    [Fact]
    public void Training_LeavesTheFilesOfTheReference()
    {
        using var scope = NewDisposeScope();
        using var run = new ToyRun();

        Assert.Equal(RunOutcome.Finished, run.Train().Outcome);

        Assert.Equal(
            ["last_checkpoint", "log.txt", "metrics.json", "model_0000002.pth", "model_0000005.pth", "model_final.pth"],
            Directory.GetFiles(run.Output).Select(Path.GetFileName).Where(n => !n!.StartsWith("events"))
                .Order(StringComparer.Ordinal));
        Assert.Equal("model_final.pth", File.ReadAllText(Path.Combine(run.Output, "last_checkpoint")));
        CheckpointMap map = CheckpointFile.Read(run.Checkpoints.StepPath(5)).Map;
        Assert.Equal(["model", "optimizer", "scheduler", "iteration", "data_state", "trainer_state"], map.Keys);
        Assert.Equal(5, map.GetInt64("iteration"));
        Assert.Equal(6, map.GetMap("scheduler").GetInt64("last_epoch"));
        Assert.Equal([0.05, 0.05], map.GetMap("scheduler").GetList("base_lrs"));

        // The schedule has advanced already: step 6 is beyond the milestone.
        var group = (CheckpointMap)map.GetMap("optimizer").GetList("param_groups")[0]!;
        Assert.Equal(0.05 * new DetectionSchedule(run.Solver).Factor(6), group.GetDouble("lr"));
        Assert.Equal(
            DetectorState.Entries(run.Detector).Select(e => e.Name), map.GetMap("model").Keys.Cast<string>());
    }

    // E-71: from each of three stops, the weights at the end are those of a training that never stopped.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    public void ResumedTraining_EqualsAnUninterruptedOne(int stopAfter)
    {
        using var scope = NewDisposeScope();
        using var whole = new ToyRun();
        whole.Train();
        using var first = new ToyRun();
        first.Hooks = first.Hooks with { };
        first.Detector.Factor = pass =>
        {
            if (pass == stopAfter - 1)
                first.Stop.Set("test");
            return 1;
        };
        Assert.Equal(RunOutcome.Interrupted, first.Train().Outcome);
        first.State.Optimizer.Parameters.Values.fill_(9);

        using var second = new ToyRun(folder: first.Output, detector: new ToyDetector(seed: 77), seed: 55);
        CheckpointMap saved = CheckpointFile.Read(second.Checkpoints.Latest()!).Map;
        second.State.Restore(DetectionCheckpoint.Of(saved, "last"), "last", resetOptimizer: false);
        Assert.Equal(stopAfter, second.State.Completed);
        second.Train();

        foreach (var (a, b) in DetectorState.Entries(whole.Detector).Zip(DetectorState.Entries(second.Detector)))
            Assert.Equal(a.Tensor.Doubles(), b.Tensor.Doubles());
        Assert.Equal(8, second.Detector.TrainerState["passes"]);
        Assert.Equal(whole.State.Optimizer.Save().GetMap("state").GetMap(0L).GetTensor("momentum_buffer").Doubles(),
            second.State.Optimizer.Save().GetMap("state").GetMap(0L).GetTensor("momentum_buffer").Doubles());
    }

    [Fact]
    public void Interruption_SavesTheStepThatWasDone()
    {
        using var scope = NewDisposeScope();
        using var run = new ToyRun();
        run.Stop.Set("Ctrl-C");

        run.Train();

        Assert.Equal("model_0000000.pth", File.ReadAllText(Path.Combine(run.Output, "last_checkpoint")));
        Assert.Contains(run.Screen.Notes, n => n.Message.StartsWith("Stopped on request (Ctrl-C) after iteration 0"));
    }

    // M-123: the last file, and one of a step that is evaluated, have the statistics although the run stopped there.
    [Theory]
    [InlineData(4, "model_0000003.pth")]
    [InlineData(8, "model_final.pth")]
    public void Interruption_InAStepWithStatisticsSavesThemWithoutEvaluating(int stopAfter, string file)
    {
        using var scope = NewDisposeScope();
        using var run = new ToyRun { Test = new DetectionTestSettings { EvaluationPeriod = 4 } };
        var events = new List<string>();
        run.Hooks = new DetectionHooks
        {
            RefreshStatistics = () =>
            {
                events.Add($"statistics {run.State.Completed}");
                run.Detector.state_dict()["norm.running_mean"].fill_(5);
            },
            Evaluate = i =>
            {
                events.Add($"evaluate {i}");
                return new Dictionary<string, double>();
            },
        };
        run.Detector.Factor = pass =>
        {
            if (pass == stopAfter - 1)
                run.Stop.Set("test");
            return 1;
        };

        Assert.Equal(RunOutcome.Interrupted, run.Train().Outcome);

        Assert.Equal($"statistics {stopAfter}", events[^1]);
        CheckpointMap model = CheckpointFile.Read(Path.Combine(run.Output, file)).Map.GetMap("model");
        Assert.All(model.GetTensor("norm.running_mean").Doubles(), v => Assert.Equal(5, v));
    }

    // E-29, E-31: 0 and less mean at the end only.
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Periods_OfNoStepsMeanAtTheEndOnly(int period)
    {
        using var scope = NewDisposeScope();
        using var run = new ToyRun(
            new DetectionSolverSettings { MaxIterations = 4, Steps = [], CheckpointPeriod = period })
        {
            Test = new DetectionTestSettings { EvaluationPeriod = period },
        };
        var evaluations = new List<long>();
        run.Hooks = new DetectionHooks
        {
            Evaluate = i =>
            {
                evaluations.Add(i);
                return new Dictionary<string, double>();
            },
        };

        run.Train();

        Assert.Equal([4L], evaluations);
        Assert.Equal(["model_final.pth"], Directory.GetFiles(run.Output, "*.pth").Select(Path.GetFileName));
    }

    [Fact]
    public void NonFiniteLoss_StopsBeforeTheUpdate()
    {
        using var scope = NewDisposeScope();
        using var run = new ToyRun();
        double[] before = [];
        run.Detector.Factor = pass =>
        {
            if (pass == 4)
                before = run.State.Optimizer.Parameters.Values.Doubles();
            return pass == 4 ? float.NaN : 1;
        };

        var e = Assert.Throws<TrainingDivergedException>(() => run.Train());

        Assert.Contains("Iteration 4", e.Message);
        Assert.Contains("loss_box is NaN, expected a finite number", e.Message);
        Assert.Contains("image ids 8, 9", e.Message);
        Assert.Equal(before, run.State.Optimizer.Parameters.Values.Doubles());
        Assert.True(File.Exists(Path.Combine(run.Output, "diverged_iter_5.pth")));
        Assert.Equal("model_0000002.pth", File.ReadAllText(Path.Combine(run.Output, "last_checkpoint")));
    }

    [Fact]
    public void NonFiniteGradient_StopsBeforeTheUpdate()
    {
        using var scope = NewDisposeScope();
        using var run = new ToyRun();
        run.Detector.Factor = pass => pass == 1 ? float.MaxValue / 4 : 1;

        var e = Assert.Throws<TrainingDivergedException>(() => run.Train());

        Assert.Contains("Iteration 1: the gradient norm is ", e.Message);
    }

    // E-30 and E-31: statistics, checkpoint, evaluation; statistics also at the last step, evaluation once more after
    // it.
    [Fact]
    public void Hooks_RunInTheOrderOfTheReference()
    {
        using var scope = NewDisposeScope();
        using var run = new ToyRun(new DetectionSolverSettings { MaxIterations = 6, Steps = [], CheckpointPeriod = 2 })
        {
            Test = new DetectionTestSettings { EvaluationPeriod = 2 },
        };
        var events = new List<string>();
        run.Hooks = new DetectionHooks
        {
            RefreshStatistics = () => events.Add($"statistics {run.State.Completed - 1}"),
            Evaluate = i =>
            {
                events.Add($"evaluate {i}, saved {File.ReadAllText(Path.Combine(run.Output, "last_checkpoint"))}");
                return new Dictionary<string, double> { ["bbox/AP"] = i };
            },
        };

        var (_, results) = run.Train();

        Assert.Equal(
            [
                "statistics 1", "evaluate 1, saved model_0000001.pth",
                "statistics 3", "evaluate 3, saved model_0000003.pth",
                "statistics 5", "evaluate 6, saved model_final.pth",
            ],
            events);
        Assert.Equal(6, results["bbox/AP"]);
        JsonElement[] lines = [.. File.ReadLines(Path.Combine(run.Output, "metrics.json")).Select(
            l => JsonDocument.Parse(l).RootElement)];
        Assert.Equal(6, lines[^1].GetProperty("iteration").GetInt32());
        Assert.Equal(6, lines[^1].GetProperty("bbox/AP").GetDouble());
        Assert.Single(run.Screen.Notes, n => n.Message.Contains(" iter: "));
    }

    [Fact]
    public void FinishedTraining_OnlyEvaluates()
    {
        using var scope = NewDisposeScope();
        using var run = new ToyRun();
        run.State.Completed = 8;
        run.Hooks = new DetectionHooks { Evaluate = i => new Dictionary<string, double> { ["bbox/AP"] = 5 } };

        var (outcome, results) = run.Train();

        Assert.Equal((RunOutcome.Finished, 5), (outcome, results["bbox/AP"]));
        Assert.Equal(0, run.Detector.TrainerState["passes"]);
        Assert.Contains("\"bbox/AP\": 5.0", File.ReadAllText(Path.Combine(run.Output, "metrics.json")));
    }

    [Fact]
    public void Checkpoints_AreLimitedOnRequest()
    {
        using var scope = NewDisposeScope();
        using var run = new ToyRun(
            new DetectionSolverSettings { MaxIterations = 8, Steps = [], CheckpointPeriod = 1 }, keep: 2);

        run.Train();

        Assert.Equal(
            ["model_0000006.pth", "model_0000007.pth", "model_final.pth"],
            Directory.GetFiles(run.Output, "*.pth").Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Times_LeaveOutTheFirstSteps()
    {
        using var scope = NewDisposeScope();
        using var run = new ToyRun();
        var clock = new ManualClock(DateTimeOffset.UnixEpoch);
        run.Detector.Factor = pass =>
        {
            clock.Now += TimeSpan.FromSeconds(pass < 3 ? 60 : 2);
            return 1;
        };

        run.Train(clock);

        Assert.Contains(
            run.Screen.Notes, n => n.Message == "Overall training speed: 5 iterations in 0:00:10 (2.0000 s / it)");
        Assert.Contains(run.Screen.Notes, n => n.Message == "Total training time: 0:03:10 (0:00:00 on hooks)");
    }
}
