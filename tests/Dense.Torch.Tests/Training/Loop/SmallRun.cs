using Dense.Distributed;
using Dense.Imaging.Scenes;
using Dense.Training.Logging;
using Dense.Training.Loop;
using Dense.Training.Settings;
using TorchSharp;

namespace Dense.Torch.Tests.Training.Loop;

/// <summary>
/// A training of 3 epochs with 6 steps each, in a second: 48 pictures, a ResNet-18 of two thin stages.
/// </summary>
internal sealed class SmallRun : IDisposable
{
    public const int Epochs = 3;
    public const int IterationsPerEpoch = 6;
    public const int Steps = Epochs * IterationsPerEpoch;

    private const string Settings = """
        MODEL:
          BACKBONE: {DEPTH: 18, WIDTH: 8, NUM_STAGES: 2}
          MOMENTUM: 0.99
        DATA:
          BATCH_SIZE_PER_PROCESS: 8
          WORKERS: 2
        AUGMENTATION: {CROP_SIZE: 32}
        SOLVER: {BASE_LR: 0.05, EPOCHS: 3}
        CHECKPOINT: {INTERVAL_EPOCHS: 1}
        LOG: {INTERVAL: 3, TENSORBOARD: false}
        DEVICE: cpu
        THREADS: 1
        """;

    private readonly TempFolder _folder = new();

    public SmallRun()
    {
        SceneDataset.Write(_folder["scenes"],
            new SceneOptions { Images = 0, Unlabelled = 48, Probe = 48, Size = 48, Seed = 1, Workers = 1 });
        _folder.Write("run.yaml", Settings);
    }

    public TempFolder Folder => _folder;

    /// <summary>The keys of each method that the tests train.</summary>
    public IReadOnlyList<string> Method(string name) => name switch
    {
        "DenseCL" => ["MODEL.METHOD", "DenseCL", "MODEL.QUEUE_LEN", "32", "MODEL.FEAT_DIM", "16",
            "MODEL.LAMBDA_WARMUP_ITERS", "4",
            "DATA.ROOT", _folder["scenes/unlabelled"], "SOLVER.WARMUP", "linear", "SOLVER.WARMUP_ITERS", "8"],
        "MoCo" => ["MODEL.METHOD", "MoCo", "MODEL.NECK.TYPE", "MLP", "MODEL.QUEUE_LEN", "32", "MODEL.FEAT_DIM", "16",
            "MODEL.BATCH_NORM_GROUPS", "4", "DATA.ROOT", _folder["scenes/unlabelled"]],
        "MultiLevel" => [.. Method("Classification"), "MODEL.BACKBONE.NUM_STAGES", "4",
            "MODEL.BACKBONE.FROZEN_STAGES", "4", "MODEL.HEAD.TYPE", "MultiLevel", "AUGMENTATION.CROP_SIZE", "224",
            "AUGMENTATION.LIGHTING_STD", "0.1", "SOLVER.BASE_LR", "0.01", "SOLVER.NESTEROV", "True",
            "SOLVER.UPDATE_INTERVAL", "1"],
        _ => ["MODEL.METHOD", "Classification", "MODEL.HEAD.NUM_CLASSES", "8", "DATA.SOURCE", "list",
            "DATA.ROOT", _folder["scenes"], "DATA.LIST", _folder["scenes/probe_train.txt"], "AUGMENTATION.PRESET",
            "Supervised",
            "SOLVER.UPDATE_INTERVAL", "4"],
    };

    /// <summary>Trains into a folder below the test's own; stops after a step when asked to.</summary>
    /// <returns>How far the training came.</returns>
    public long Train(string output, IEnumerable<string> overrides, long? stopAfter = null, bool fresh = false,
        params ILogSink[] sinks)
    {
        var configuration = PretrainingConfiguration.Load(
            _folder["run.yaml"], [.. overrides, "OUTPUT_DIR", _folder[output]]);
        using DisposeScope scope = torch.NewDisposeScope();
        using var run = new PretrainingRun(configuration, fresh, sinks, SingleProcess.Instance, TimeProvider.System);
        var stop = new StopRequest();
        long done = run.Progress.Iterations;
        run.Execute(stop, _ =>
        {
            if (++done == stopAfter)
                stop.Set("the test");
        });
        return run.Progress.Iterations;
    }

    public void Dispose() => _folder.Dispose();
}
