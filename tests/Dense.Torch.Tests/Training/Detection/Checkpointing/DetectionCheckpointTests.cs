using Dense.Checkpoints;
using Dense.Training.Detection.Checkpointing;

namespace Dense.Torch.Tests.Training.Detection.Checkpointing;

/// <summary>AdelaiDet's layout, written and read, and that of detectron2's trainer, read (E-67, E-73).</summary>
public class DetectionCheckpointTests
{
    private static readonly DetectionCheckpoint Full = new()
    {
        Model = [new("b.weight", Floats(1, 2)), new("a.bias", Floats(3))],
        Optimizer = new() { { "state", new CheckpointMap() }, { "param_groups", new List<object?>() } },
        Schedule = new([0.01, 0.02], Advances: 5000),
        GradientScaler = new() { { "scale", 65536.0 } },
        Data = new() { { "seed", 80000L } },
        TrainerState = new() { { "moving", 2.5 } },
        Iteration = 4999,
    };

    [Fact]
    public void Checkpoint_OfAdelaiDetsLayoutComesBack()
    {
        DetectionCheckpoint read = RoundTrip(Full.ToMap());

        Assert.Equal(["b.weight", "a.bias"], read.Model.Select(entry => entry.Name));
        Assert.Equal(Full.Model[0].Tensor.Bytes.ToArray(), read.Model[0].Tensor.Bytes.ToArray());
        Assert.Equal(["state", "param_groups"], read.Optimizer!.Keys);
        Assert.Equal([0.01, 0.02], read.Schedule!.BaseRates);
        Assert.Equal((5000, 4999, 5000), (read.Schedule.Advances, read.Iteration!.Value, read.StartIteration));
        Assert.Equal(65536.0, read.GradientScaler!.GetDouble("scale"));
        Assert.Equal(80000, read.Data!.GetInt64("seed"));
        Assert.Equal(2.5, read.TrainerState!.GetDouble("moving"));
        read.RequireResumable("f.pth");
    }

    [Fact]
    public void Checkpoint_HasTheKeysThatTheReferenceReads()
    {
        CheckpointMap map = Full.ToMap();

        Assert.Equal(
            ["model", "optimizer", "scheduler", "grad_scaler", "iteration", "data_state", "trainer_state"], map.Keys);
        Assert.True(map.GetMap("model").IsOrderedDict);
        Assert.Equal(["base_lrs", "last_epoch"], map.GetMap("scheduler").Keys);
        Assert.Equal(["model"], new DetectionCheckpoint { Model = Full.Model }.ToMap().Keys);
    }

    [Fact]
    public void Checkpoint_OfDetectron2sTrainerIsReadToo()
    {
        CheckpointMap own = Full.ToMap();
        var trainer = new CheckpointMap
        {
            { "iteration", 99L },
            { "hooks", new CheckpointMap { { "LRScheduler", own.GetMap("scheduler") } } },
            { "_trainer", new CheckpointMap
                {
                    { "iteration", 99L }, { "optimizer", own.GetMap("optimizer") },
                    { "grad_scaler", own.GetMap("grad_scaler") },
                } },
        };

        DetectionCheckpoint read = RoundTrip(new() { { "model", own.GetMap("model") }, { "trainer", trainer } });

        read.RequireResumable("f.pth");
        Assert.Equal((99, 5000), (read.Iteration!.Value, read.Schedule!.Advances));
        Assert.NotNull(read.Optimizer);
        Assert.NotNull(read.GradientScaler);
        Assert.Null(read.Data);
    }

    [Fact]
    public void Checkpoint_WithoutAnOptimizerCannotBeResumed()
    {
        DetectionCheckpoint read = RoundTrip(new DetectionCheckpoint { Model = Full.Model, Iteration = 3 }.ToMap());

        var error = Assert.Throws<CheckpointFormatException>(() => read.RequireResumable("model_final.pth"));

        Assert.Contains("no 'optimizer', no 'scheduler'", error.Message);
        Assert.Contains("MODEL.WEIGHTS model_final.pth", error.Message);
    }

    // E-67: absent, the iteration counts as not begun.
    [Fact]
    public void Checkpoint_WithoutAnIterationIsResumedFromTheStart()
    {
        DetectionCheckpoint read = RoundTrip((Full with { Iteration = null }).ToMap());

        read.RequireResumable("f.pth");

        Assert.Equal(0, read.StartIteration);
    }

    [Fact]
    public void Checkpoint_WithoutAModelIsNone()
    {
        var error = Assert.Throws<CheckpointFormatException>(
            () => RoundTrip(new() { { "state_dict", new CheckpointMap() } }));

        Assert.Contains("no 'model'", error.Message);
    }

    [Fact]
    public void Checkpoint_WithADamagedScheduleIsRefused()
    {
        CheckpointMap map = Full.ToMap();
        map["scheduler"] = new CheckpointMap { { "base_lrs", new List<object?> { "fast" } }, { "last_epoch", 1L } };

        Assert.Throws<CheckpointFormatException>(() => RoundTrip(map));
    }

    private static DetectionCheckpoint RoundTrip(CheckpointMap map)
    {
        using var stream = new MemoryStream();
        TorchFile.Write(stream, map);
        return DetectionCheckpoint.Of(CheckpointFile.Read(stream.ToArray(), "f.pth").Map, "f.pth");
    }

    private static TensorRecord Floats(params float[] values) =>
        new(ElementType.Float32, [values.Length], values.SelectMany(BitConverter.GetBytes).ToArray());
}
