using System.Diagnostics;

namespace Dense.EndToEnd.Tests;

/// <summary>Scenes and settings for a detector whose steps take milliseconds, and the command that trains it.</summary>
public sealed class SmallDetection : IDisposable
{
    private const string Settings = """
        MODEL:
          META_ARCHITECTURE: OneStageDetector
          BACKBONE: {NAME: build_fcos_resnet_fpn_backbone, FREEZE_AT: 0}
          PROPOSAL_GENERATOR: {NAME: FCOS}
          RESNETS:
            {DEPTH: 50, NORM: SyncBN, WIDTH_PER_GROUP: 4, RES2_OUT_CHANNELS: 8, STEM_OUT_CHANNELS: 8,
             OUT_FEATURES: [res3, res4, res5], STRIDE_IN_1X1: false}
          FPN: {IN_FEATURES: [res3, res4, res5], NORM: SyncBN, OUT_CHANNELS: 32}
          FCOS: {NUM_CLASSES: 8, NUM_CLS_CONVS: 1, NUM_BOX_CONVS: 1, INFERENCE_TH_TEST: 0.001, POST_NMS_TOPK_TEST: 10}
          DEVICE: cpu
        INPUT: {MIN_SIZE_TRAIN: [48], MIN_SIZE_TEST: 48}
        DATASETS: {TRAIN: [scenes], TEST: [scenes]}
        DATALOADER: {NUM_WORKERS: 1}
        SOLVER: {IMS_PER_BATCH: 2, BASE_LR: 0.01, MAX_ITER: 6, STEPS: [5], WARMUP_ITERS: 2, CHECKPOINT_PERIOD: 3}
        TEST: {PRECISE_BN: {ENABLED: true, NUM_ITER: 2}}
        SEED: 1
        VERSION: 2
        """;

    public SmallDetection()
    {
        Densecl.Run("dataset", "generate", Folder["scenes"], "--images", "4", "--unlabelled", "0", "--probe", "0",
            "--size", "64", "--workers", "1");
        Folder.Write("sets.yaml", """
            scenes: {json_file: scenes/annotations/instances.json, image_root: scenes/images}
            """);
        Folder.Write("run.yaml", Settings);
    }

    public TempFolder Folder { get; } = new();

    /// <summary>The arguments of <c>densecl</c>.</summary>
    public string[] Arguments(string output, params string[] more) =>
    [
        "train", "--config-file", Folder["run.yaml"], "--register-datasets", Folder["sets.yaml"],
        "OUTPUT_DIR", Folder[output], .. more,
    ];

    /// <summary>Runs the command to its end.</summary>
    public ChildProcess Run(string output, params string[] more) => Densecl.Run(Arguments(output, more));

    /// <summary>Starts the command without waiting for it; its output is dropped.</summary>
    public Process Start(string output, params string[] more) => Densecl.Start(Arguments(output, more));

    /// <summary>The last value of a key in a run's <c>copypaste</c> lines.</summary>
    public static string CopyPaste(ChildProcess run) =>
        string.Join('\n', run.Output.Split('\n').Where(l => l.StartsWith("copypaste: ")));

    public void Dispose() => Folder.Dispose();
}
