using Dense.Detection.Settings;
using Dense.Training.Detection.Data;

namespace Dense.Training.Detection.Settings;

/// <summary>Everything that a detection run is made from.</summary>
public sealed record DetectionRunSettings
{
    /// <summary>The network (MODEL).</summary>
    public DetectorSettings Detector { get; init; } = new();

    /// <summary>
    /// Images to batches (INPUT, DATALOADER). Seed, rank, world size and batch size per process are the run's to fill
    /// in.
    /// </summary>
    public DetectionDataSettings Data { get; init; } = new();

    /// <summary>Names of the datasets to train on (DATASETS.TRAIN).</summary>
    public IReadOnlyList<string> TrainSets { get; init; } = [];

    /// <summary>Names of the datasets to evaluate on (DATASETS.TEST).</summary>
    public IReadOnlyList<string> TestSets { get; init; } = [];

    /// <summary>The optimizer and its schedule (SOLVER).</summary>
    public DetectionSolverSettings Solver { get; init; } = new();

    /// <summary>Evaluation (TEST).</summary>
    public DetectionTestSettings Test { get; init; } = new();

    /// <summary>What the weights are taken from; null starts from scratch (MODEL.WEIGHTS, E-38).</summary>
    public string? Weights { get; init; }

    /// <summary>Where the run writes (OUTPUT_DIR).</summary>
    public string OutputDirectory { get; init; } = "./output";

    /// <summary>The seed; null draws one (SEED below 0, E-26).</summary>
    public long? Seed { get; init; }

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c> (MODEL.DEVICE).</summary>
    public string Device { get; init; } = "cuda";

    /// <summary>Whether cuDNN measures which algorithm is fastest (CUDNN_BENCHMARK).</summary>
    public bool CudnnBenchmark { get; init; }

    /// <summary>FLOAT32_PRECISION.</summary>
    public MatmulPrecision Precision { get; init; }
}
