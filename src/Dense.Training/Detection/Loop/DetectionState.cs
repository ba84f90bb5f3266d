using Dense.Checkpoints;
using Dense.Checkpoints.Conversion;
using Dense.Detection;
using Dense.Training.Detection.Solver;

namespace Dense.Training.Detection.Loop;

/// <summary>
/// What a detection training needs to go on where it stopped: weights, optimiser, schedule, progress (E-67). The
/// order of
/// the images follows from seed and progress, so a resumed run does not differ from one that never stopped (E-71,
/// E-102).
/// </summary>
/// <param name="detector">The network on its device.</param>
/// <param name="optimizer">Its optimiser.</param>
/// <param name="scaler">The loss scale of float16 training; null otherwise.</param>
/// <param name="seed">Seed of the images' order; a checkpoint's replaces it.</param>
public sealed class DetectionState(Detector detector, DetectionOptimizer optimizer, GradientScaler? scaler, long seed)
{
    private const string DataKey = "data_state", TrainerKey = "trainer_state";

    /// <summary>The network.</summary>
    public Detector Detector { get; } = detector;

    /// <summary>The optimiser.</summary>
    public DetectionOptimizer Optimizer { get; } = optimizer;

    /// <summary>The loss scale; null when losses are not scaled.</summary>
    public GradientScaler? Scaler { get; } = scaler;

    /// <summary>Completed steps.</summary>
    public long Completed { get; set; }

    /// <summary>Seed of the images' order.</summary>
    public long Seed { get; private set; } = seed;

    /// <summary>The content of a checkpoint, with the keys of AdelaiDet's; readers pass over those that they do not
    /// know.</summary>
    public CheckpointMap ToMap()
    {
        var model = new CheckpointMap { IsOrderedDict = true };
        foreach (NamedTensor tensor in DetectorState.ToRecords(Detector))
            model.Add(tensor.Name, tensor.Tensor);

        var map = new CheckpointMap
        {
            { "model", model },
            { "optimizer", Optimizer.Save() },
            { "scheduler", new CheckpointMap
                {
                    { "base_lrs", Optimizer.BaseRates.Select(r => (object?)r).ToList() },
                    { "last_epoch", Completed },
                }
            },
            { "iteration", Completed - 1 },
            { DataKey, new CheckpointMap { { "seed", Seed } } },
        };
        if (Scaler is not null)
            map.Add("grad_scaler", Scaler.Save());

        if (Detector.TrainerState.Count > 0)
        {
            var state = new CheckpointMap();
            foreach (var (name, value) in Detector.TrainerState)
                state.Add(name, value);

            map.Add(TrainerKey, state);
        }

        return map;
    }

    /// <summary>Replaces everything by what a checkpoint holds, ours, AdelaiDet's or detectron2's.</summary>
    /// <param name="map">The checkpoint.</param>
    /// <param name="file">Its name in messages.</param>
    /// <param name="resetOptimizer">Take weights and progress only (E-180).</param>
    /// <exception cref="CheckpointFormatException">It is no training checkpoint, or one of another model.</exception>
    public void Restore(CheckpointMap map, string file, bool resetOptimizer)
    {
        RestoreModel(Detector, map, file);
        CheckpointMap? trainer = map.TryGet("trainer", out CheckpointMap? found) ? found : null;
        CheckpointMap? inner = trainer?.TryGet("_trainer", out CheckpointMap? hidden) == true ? hidden : null;
        if (!resetOptimizer)
        {
            CheckpointMap saved = Find("optimizer", map, inner) ?? throw new CheckpointFormatException(
                file, "it holds no optimizer, so it cannot be resumed from. Name it as MODEL.WEIGHTS to start from its "
                    + "weights, or give --reset-optimizer.");
            Optimizer.Load(saved, BaseRates(map, trainer), file);
            if (Find("grad_scaler", map, inner) is { } scale)
                Scaler?.Load(scale);
        }

        Completed = map.ContainsKey("iteration") ? map.GetInt64("iteration") + 1
            : trainer?.ContainsKey("iteration") == true ? trainer.GetInt64("iteration") + 1
            : 0;
        if (map.TryGet(DataKey, out CheckpointMap? data))
            Seed = data.GetInt64("seed");

        if (map.TryGet(TrainerKey, out CheckpointMap? state))
            Detector.TrainerState = state.Keys.ToDictionary(k => (string)k, k => state.GetDouble(k));
    }

    /// <summary>Takes the weights of a checkpoint; one that fits in part only is refused.</summary>
    internal static void RestoreModel(Detector detector, CheckpointMap map, string file)
    {
        var tensors = map.GetMap("model").Tensors.ToDictionary(t => t.Key, t => t.Value, StringComparer.Ordinal);
        LoadReport report = DetectorState.CopyFrom(detector, tensors);
        if (!report.IsComplete)
        {
            throw new CheckpointFormatException(file,
                $"its weights are not those of this model: {report.ToText(mostLines: 5)}\nResume with the configuration "
                + "of the checkpoint (config.yaml beside it), or name another OUTPUT_DIR.");
        }
    }

    private static List<double>? BaseRates(CheckpointMap map, CheckpointMap? trainer)
    {
        CheckpointMap? hooks = trainer?.TryGet("hooks", out CheckpointMap? found) == true ? found : null;
        CheckpointMap? scheduler = map.TryGet("scheduler", out CheckpointMap? own) ? own
            : hooks?.TryGet("LRScheduler", out CheckpointMap? theirs) == true ? theirs
            : null;
        return scheduler?.ContainsKey("base_lrs") == true
            ? [.. scheduler.GetList("base_lrs").Select(Convert.ToDouble)]
            : null;
    }

    private static CheckpointMap? Find(string key, CheckpointMap map, CheckpointMap? inner) =>
        map.TryGet(key, out CheckpointMap? own) ? own
        : inner?.TryGet(key, out CheckpointMap? theirs) == true ? theirs
        : null;
}
