using Dense.Checkpoints;

namespace Dense.Training.Detection.Checkpointing;

/// <summary>
/// The content of a training checkpoint in plain records (E-67). AdelaiDet's layout is written; it and that of
/// detectron2's trainer are read.
/// </summary>
public sealed record DetectionCheckpoint
{
    private const string ModelKey = "model";
    private const string OptimizerKey = "optimizer";
    private const string SchedulerKey = "scheduler";
    private const string ScalerKey = "grad_scaler";
    private const string IterationKey = "iteration";

    // Other readers pass over the keys that they do not know (E-102).
    private const string DataKey = "data_state";
    private const string TrainerStateKey = "trainer_state";

    /// <summary>The network by detectron2's names, in the order of its state dictionary.</summary>
    public required IReadOnlyList<NamedTensor> Model { get; init; }

    /// <summary>The optimizer in PyTorch's layout (E-70); null when the file holds weights only.</summary>
    public CheckpointMap? Optimizer { get; init; }

    /// <summary>The schedule; null when the file holds weights only.</summary>
    public ScheduleRecord? Schedule { get; init; }

    /// <summary>The scale of float16 losses (E-84); null when the run has none.</summary>
    public CheckpointMap? GradientScaler { get; init; }

    /// <summary>Where the data order stands (E-102); null when the file does not say.</summary>
    public CheckpointMap? Data { get; init; }

    /// <summary>The detector's own numbers (KF-4); null when it has none.</summary>
    public CheckpointMap? TrainerState { get; init; }

    /// <summary>Index of the last finished step; null when the file does not say.</summary>
    public long? Iteration { get; init; }

    /// <summary>The step to go on with: 0 when the file does not say where it stood.</summary>
    public long StartIteration => Iteration + 1 ?? 0;

    /// <summary>Reads a checkpoint of either layout.</summary>
    /// <param name="root">The content of the file.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="CheckpointFormatException">It has no <c>model</c>, or a part is malformed.</exception>
    public static DetectionCheckpoint Of(CheckpointMap root, string path)
    {
        if (!root.TryGet(ModelKey, out CheckpointMap? model))
        {
            throw new CheckpointFormatException(path, "no training checkpoint of a detector: it has no "
                + $"'{ModelKey}'. Start from it with MODEL.WEIGHTS {path}, without --resume.");
        }

        CheckpointMap trainer = Map(root, "trainer") ?? [];
        CheckpointMap inner = Map(trainer, "_trainer") ?? [];
        CheckpointMap hooks = Map(trainer, "hooks") ?? [];
        return new DetectionCheckpoint
        {
            Model = [.. model.Tensors.Select(entry => new NamedTensor(entry.Key, entry.Value))],
            Optimizer = Map(root, OptimizerKey) ?? Map(inner, OptimizerKey),
            Schedule = ScheduleRecord.Of(Map(root, SchedulerKey) ?? Map(hooks, "LRScheduler")),
            GradientScaler = Map(root, ScalerKey) ?? Map(inner, ScalerKey),
            Data = Map(root, DataKey),
            TrainerState = Map(root, TrainerStateKey),
            Iteration = root.ContainsKey(IterationKey) ? root.GetInt64(IterationKey)
                : trainer.ContainsKey(IterationKey) ? trainer.GetInt64(IterationKey)
                : null,
        };
    }

    /// <summary>
    /// Insists on what a run needs to go on where it stopped; weights alone would drop momentum (E-70).
    /// </summary>
    /// <param name="path">The file, for the message.</param>
    /// <exception cref="CheckpointFormatException">A part is missing.</exception>
    public void RequireResumable(string path)
    {
        (string Key, object? Part)[] parts = [(OptimizerKey, Optimizer), (SchedulerKey, Schedule)];
        string[] missing = [.. parts.Where(part => part.Part is null).Select(part => $"no '{part.Key}'")];
        if (missing.Length > 0)
        {
            throw new CheckpointFormatException(path, $"cannot be resumed from: it has {string.Join(", ", missing)}. "
                + $"Start a new run from its weights (MODEL.WEIGHTS {path}, without --resume), or go on with weights "
                + "and iteration only: --reset-optimizer.");
        }
    }

    /// <summary>The content of a file in AdelaiDet's layout.</summary>
    public CheckpointMap ToMap()
    {
        var model = new CheckpointMap { IsOrderedDict = true };
        foreach (NamedTensor entry in Model)
            model.Add(entry.Name, entry.Tensor);

        var root = new CheckpointMap { { ModelKey, model } };
        AddPart(OptimizerKey, Optimizer);
        AddPart(SchedulerKey, Schedule?.ToMap());
        AddPart(ScalerKey, GradientScaler);
        if (Iteration is { } iteration)
            root.Add(IterationKey, iteration);

        AddPart(DataKey, Data);
        AddPart(TrainerStateKey, TrainerState);
        return root;

        void AddPart(string key, CheckpointMap? part)
        {
            if (part is not null)
                root.Add(key, part);
        }
    }

    private static CheckpointMap? Map(CheckpointMap parent, string key) =>
        parent.TryGet(key, out CheckpointMap? map) ? map : null;
}
