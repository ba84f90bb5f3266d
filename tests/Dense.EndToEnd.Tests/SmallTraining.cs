using System.Diagnostics;

namespace Dense.EndToEnd.Tests;

/// <summary>Pictures and settings for a training whose steps take milliseconds, and the command that runs it.</summary>
public sealed class SmallTraining : IDisposable
{
    private const string Settings = """
        MODEL:
          METHOD: DenseCL
          BACKBONE: {DEPTH: 18, WIDTH: 8, NUM_STAGES: 2}
          QUEUE_LEN: 32
          FEAT_DIM: 16
        DATA: {BATCH_SIZE_PER_PROCESS: 8, WORKERS: 1}
        AUGMENTATION: {CROP_SIZE: 32}
        SOLVER: {BASE_LR: 0.03, EPOCHS: 2}
        LOG: {INTERVAL: 2, TENSORBOARD: false}
        DEVICE: cpu
        THREADS: 1
        """;

    public SmallTraining()
    {
        Densecl.Run("dataset", "generate", Folder["scenes"], "--images", "0", "--unlabelled", "32", "--probe", "0",
            "--size", "48", "--workers", "1");
        Folder.Write("run.yaml", Settings);
    }

    public TempFolder Folder { get; } = new();

    /// <summary>The arguments of <c>densecl</c>.</summary>
    public string[] Arguments(string output, params string[] overrides) =>
    [
        "pretrain", "--config-file", Folder["run.yaml"],
        "DATA.ROOT", Folder["scenes/unlabelled"], "OUTPUT_DIR", Folder[output], .. overrides,
    ];

    /// <summary>Starts the training without waiting for it; its output is dropped.</summary>
    public Process Start(string output, params string[] overrides) => Densecl.Start(Arguments(output, overrides));

    /// <summary>Waits until a file of the run is there.</summary>
    public void WaitFor(string relative, Process process)
    {
        while (!File.Exists(Folder[relative]))
        {
            Assert.False(process.HasExited, $"The training ended with {(process.HasExited ? process.ExitCode : 0)} " +
                $"before {relative} was written.");
            Thread.Yield();
        }
    }

    public void Dispose() => Folder.Dispose();
}
