using Dense.Imaging;

namespace Dense.Training.Settings;

/// <summary>Everything that determines a pre-training run. The defaults are the published DenseCL.</summary>
public sealed record PretrainingSettings
{
    /// <summary>What is trained.</summary>
    public ModelSettings Model { get; init; } = new();

    /// <summary>The training images.</summary>
    public DataSettings Data { get; init; } = new();

    /// <summary>How views are made of the training images.</summary>
    public ViewSettings View { get; init; } = ViewSettings.DenseCl;

    /// <summary>How images are prepared for validation and probes.</summary>
    public EvaluationSettings EvaluationView { get; init; } = EvaluationSettings.CenterCrop;

    /// <summary>The optimiser and its schedule.</summary>
    public SolverSettings Solver { get; init; } = new();

    /// <summary>When checkpoints are written.</summary>
    public CheckpointSettings Checkpoint { get; init; } = new();

    /// <summary>What is logged.</summary>
    public LogSettings Log { get; init; } = new();

    /// <summary>Accuracy of the supervised method during training.</summary>
    public ValidationSettings Validation { get; init; } = new();

    /// <summary>The k-nearest-neighbour probe during training.</summary>
    public ProbeSettings Probe { get; init; } = new();

    /// <summary>The seed of every random draw.</summary>
    public int Seed { get; init; }

    /// <summary>The folder of checkpoints and logs.</summary>
    public string OutputDirectory { get; init; } = "output";

    /// <summary><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:n</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>The number format of the expensive operations.</summary>
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Float32;

    /// <summary>Threads of tensor operations; 0 for one per core.</summary>
    public int Threads { get; init; }
}
