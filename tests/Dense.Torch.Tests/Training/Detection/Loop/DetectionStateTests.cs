using Dense.Checkpoints;
using Dense.Detection;
using Dense.Torch.Tests.Tensors;
using Dense.Training.Detection.Checkpointing;
using Dense.Training.Detection.Loop;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Training.Detection.Loop;

[LeakCheck]
public class DetectionStateTests
{
    // The layout that detectron2's own trainer writes (E-67).
    [Fact]
    public void State_OfDetectron2sTrainerIsTaken()
    {
        using var scope = NewDisposeScope();
        using var trained = new ToyRun();
        trained.Train();
        CheckpointMap own = trained.State.Save().ToMap();
        var schedule = new CheckpointMap { { "base_lrs", new List<object?> { 0.5, 0.25 } }, { "last_epoch", 8L } };
        var theirs = new CheckpointMap
        {
            { "model", own.GetMap("model") },
            { "iteration", 7L },
            { "trainer", new CheckpointMap
                {
                    { "iteration", 7L },
                    { "hooks", new CheckpointMap { { "LRScheduler", schedule } } },
                    { "_trainer", new CheckpointMap { { "iteration", 7L }, { "optimizer", own.GetMap("optimizer") } } },
                }
            },
        };
        using var run = new ToyRun(detector: new ToyDetector(seed: 5));

        run.State.Restore(DetectionCheckpoint.Of(theirs, "theirs.pth"), "theirs.pth", resetOptimizer: false);

        Assert.Equal(8, run.State.Completed);
        Assert.Equal([0.5, 0.25], run.State.Optimizer.BaseRates);
        Assert.Equal(
            trained.State.Optimizer.Save().GetMap("state").GetMap(1L).GetTensor("momentum_buffer").Doubles(),
            run.State.Optimizer.Save().GetMap("state").GetMap(1L).GetTensor("momentum_buffer").Doubles());
    }

    [Fact]
    public void ResetOptimizer_KeepsWeightsAndProgressOnly()
    {
        using var scope = NewDisposeScope();
        using var trained = new ToyRun();
        trained.Train();
        DetectionCheckpoint saved = trained.State.Save();
        using var run = new ToyRun(detector: new ToyDetector(seed: 5));

        run.State.Restore(saved, "saved.pth", resetOptimizer: true);

        Assert.Equal(8, run.State.Completed);
        Assert.Equal(
            trained.State.Optimizer.Parameters.Values.Doubles(), run.State.Optimizer.Parameters.Values.Doubles());
        Assert.All(run.State.Optimizer.Save().GetMap("state").GetMap(0L).GetTensor("momentum_buffer").Doubles(),
            v => Assert.Equal(0, v));
    }

    // M-146: what is not in config.yaml is in the checkpoint.
    [Fact]
    public void Options_ThatDifferFromTheCheckpointsAreNamed()
    {
        using var scope = NewDisposeScope();
        using var run = new ToyRun();
        DetectionState With(DetectionRunOptions options) =>
            new(run.Detector, run.State.Optimizer, null, seed: 1) { Options = options.Lasting };
        var asked = new DetectionRunOptions { BatchParts = 2, Solo = new() { OwnGrids = true, CandidateLimit = 9 } };
        var saved = DetectionCheckpoint.Of(With(asked).Save().ToMap(), "saved.pth");

        Assert.Empty(With(asked).OtherOptions(saved));
        Assert.Equal(
            [
                "--accumulate 2 (now 1)", "--size-buckets 1 (now 4)", "--solov2-max-candidates 9 (now off)",
                "--solov2-own-grids on (now off)",
            ],
            With(new DetectionRunOptions { SizeBuckets = 4 }).OtherOptions(saved));
        Assert.Empty(With(new() { BatchParts = 3 }).OtherOptions(new DetectionCheckpoint { Model = [] }));
    }

    [Fact]
    public void WeightsThatFitInPartOnly_AreRefused()
    {
        using var scope = NewDisposeScope();
        using var run = new ToyRun();
        var part = new DetectionCheckpoint { Model = [.. DetectorState.ToRecords(run.Detector).Skip(1)] };

        var e = Assert.Throws<CheckpointFormatException>(
            () => run.State.Restore(part, "part.pth", resetOptimizer: true));

        Assert.Contains("conv.weight", e.Message);
    }

    [Fact]
    public void CheckpointWithoutOptimizer_SaysWhatToDo()
    {
        using var scope = NewDisposeScope();
        using var run = new ToyRun();
        var weights = new DetectionCheckpoint { Model = DetectorState.ToRecords(run.Detector) };

        var e = Assert.Throws<CheckpointFormatException>(
            () => run.State.Restore(weights, "final.pth", resetOptimizer: false));

        Assert.Contains("--reset-optimizer", e.Message);
    }

    [Fact]
    public void Candidates_BeginWithTheNamedOneAndThenTheNewest()
    {
        using var folder = new TempFolder();
        var checkpoints = new DetectionCheckpoints(folder.Path);
        Assert.Empty(checkpoints.Candidates());

        for (int i = 0; i < 3; i++)
        {
            checkpoints.Save(checkpoints.StepPath(i), new CheckpointMap { { "iteration", (long)i } });
            File.SetLastWriteTimeUtc(checkpoints.StepPath(i), DateTime.UnixEpoch.AddDays(i));
        }

        folder.Write("last_checkpoint", "model_0000001.pth\n");
        folder.Write("model_of_mine.pth", "not ours");

        Assert.Equal(
            [1, 2, 0], checkpoints.Candidates().Select(c => int.Parse(Path.GetFileNameWithoutExtension(c)[6..])));
        File.Delete(checkpoints.StepPath(1));
        Assert.Null(checkpoints.Latest());
        Assert.Equal([2, 0], checkpoints.Candidates().Select(c => int.Parse(Path.GetFileNameWithoutExtension(c)[6..])));
    }
}
