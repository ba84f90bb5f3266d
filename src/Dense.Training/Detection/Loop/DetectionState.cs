using Dense.Checkpoints;
using Dense.Checkpoints.Conversion;
using Dense.Detection;
using Dense.Distributed;
using Dense.Training.Detection.Checkpointing;
using Dense.Training.Detection.Solver;
using Dense.Training.Loop;

namespace Dense.Training.Detection.Loop;

/// <summary>
/// What a detection training needs to go on where it stopped: weights, optimiser, schedule, progress (E-67). The order
/// of the images follows from seed and progress, so a resumed run does not differ from one that never stopped (E-71,
/// E-102).
/// </summary>
/// <param name="detector">The network on its device.</param>
/// <param name="optimizer">Its optimiser.</param>
/// <param name="scaler">The loss scale of float16 training; null otherwise.</param>
/// <param name="seed">Seed of the images' order; a checkpoint's replaces it.</param>
public sealed class DetectionState(Detector detector, DetectionOptimizer optimizer, GradientScaler? scaler, long seed)
{
    private const string SeedKey = "seed", OptionsKey = "options";

    /// <summary>The network.</summary>
    public Detector Detector { get; } = detector;

    /// <summary>The optimiser.</summary>
    public DetectionOptimizer Optimizer { get; } = optimizer;

    /// <summary>The loss scale; null when losses are not scaled.</summary>
    public GradientScaler? Scaler { get; } = scaler;

    /// <summary>Options that change results and are not in config.yaml, by name; saved, but not restored (M-146).
    /// </summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>Completed steps.</summary>
    public long Completed { get; set; }

    /// <summary>Seed of the images' order.</summary>
    public long Seed { get; private set; } = seed;

    /// <summary>The content of a checkpoint.</summary>
    public DetectionCheckpoint Save() => new()
    {
        Model = DetectorState.ToRecords(Detector),
        Optimizer = Optimizer.Save(),
        Schedule = new ScheduleRecord(Optimizer.BaseRates, Completed),
        GradientScaler = Scaler?.Save(),
        Data = new CheckpointMap { { SeedKey, Seed }, { OptionsKey, OptionsMap() } },
        TrainerState = TrainerState(),
        Iteration = Completed - 1,
    };

    /// <summary>Replaces everything by what a checkpoint holds, ours, AdelaiDet's or detectron2's.</summary>
    /// <param name="saved">The checkpoint.</param>
    /// <param name="file">Its name in messages.</param>
    /// <param name="resetOptimizer">Take weights and progress only (E-180).</param>
    /// <exception cref="CheckpointFormatException">It lacks what training needs, or is one of another
    /// model.</exception>
    public void Restore(DetectionCheckpoint saved, string file, bool resetOptimizer)
    {
        RestoreModel(Detector, saved, file);
        if (!resetOptimizer)
        {
            saved.RequireResumable(file);
            Optimizer.Load(saved.Optimizer!, saved.Schedule!.BaseRates, file);
            if (saved.GradientScaler is { } scale)
                Scaler?.Load(scale);
        }

        Completed = saved.StartIteration;
        if (saved.Data is { } data)
            Seed = data.GetInt64(SeedKey);

        if (saved.TrainerState is { } numbers)
            Detector.TrainerState = numbers.Keys.ToDictionary(k => (string)k, k => numbers.GetDouble(k));
    }

    /// <summary>The options that have another value in a checkpoint, with that; none where it does not say.</summary>
    public IReadOnlyList<string> OtherOptions(DetectionCheckpoint saved) =>
        saved.Data is { } data && data.TryGet(OptionsKey, out CheckpointMap? options)
            ? [.. Options
                .Where(own => options.TryGet(own.Key, out string? value) && value != own.Value)
                .Select(own => $"{own.Key} {options[own.Key]} (now {own.Value})")]
            : [];

    /// <summary>Checks that all ranks hold this state; all call it (E-176, R13).</summary>
    /// <exception cref="CollectiveException">One does not.</exception>
    internal void RequireEqualRanks(ICollectives collectives) => Replicas.RequireEqual(
        collectives, [("parameters", Optimizer.Parameters.Values), ("momenta", Optimizer.Momentum)], Completed,
        Optimizer.BaseRates);

    /// <summary>Takes the weights of a checkpoint; one that fits in part only is refused.</summary>
    internal static void RestoreModel(Detector detector, DetectionCheckpoint saved, string file)
    {
        var tensors = saved.Model.ToDictionary(t => t.Name, t => t.Tensor, StringComparer.Ordinal);
        LoadReport report = DetectorState.CopyFrom(detector, tensors);
        if (!report.IsComplete)
        {
            throw new CheckpointFormatException(file,
                $"its weights are not those of this model: {report.ToText(mostLines: 5)}\nResume with the "
                + "configuration of the checkpoint (config.yaml beside it), or name another OUTPUT_DIR.");
        }
    }

    private CheckpointMap OptionsMap()
    {
        var map = new CheckpointMap();
        foreach (var (name, value) in Options)
            map.Add(name, value);

        return map;
    }

    private CheckpointMap? TrainerState()
    {
        if (Detector.TrainerState.Count == 0)
            return null;

        var map = new CheckpointMap();
        foreach (var (name, value) in Detector.TrainerState)
            map.Add(name, value);

        return map;
    }
}
