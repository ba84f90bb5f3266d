using System.Globalization;
using Dense.Checkpoints;
using Dense.Pretraining;
using Dense.Torch;
using Dense.Torch.Flat;
using Dense.Training.Loop;

namespace Dense.Training.Checkpointing;

/// <summary>
/// Everything that a training needs to go on bit by bit where it stopped: method, optimiser, progress. It is saved with
/// the fields of the reference's checkpoints (P-131), so each can read the other's; what only we need is inside
/// <c>meta.densecl</c> (P-134). Order and augmentation of the images follow from seed and progress.
/// </summary>
public sealed class TrainingState
{
    private const long FormatVersion = 1;
    private const string OwnKey = "densecl";
    private const string AliasPrefix = "backbone.";
    private const string QueryPrefix = "encoder_q.0.";

    private readonly string _configuration;
    private readonly int _seed;
    private readonly TimeProvider _clock;
    private readonly string[] _parameterNames;

    /// <summary>Describes the state of a training that has not begun.</summary>
    /// <param name="method">Placed on its device.</param>
    /// <param name="sgd">Its optimiser; the rates of its groups are the base rates.</param>
    /// <param name="iterationsPerEpoch">Steps of one epoch.</param>
    /// <param name="configuration">The resolved configuration, for the file.</param>
    /// <param name="seed">The run's seed, for the file.</param>
    /// <param name="clock">Dates the file.</param>
    public TrainingState(
        PretrainingMethod method, FlatSgd sgd, int iterationsPerEpoch, string configuration, int seed,
        TimeProvider clock)
    {
        Method = method;
        Optimizer = sgd;
        BaseRates = [.. sgd.Groups.Select(g => g.LearningRate)];
        Progress = new TrainingProgress(0, iterationsPerEpoch);
        _configuration = configuration;
        _seed = seed;
        _clock = clock;
        _parameterNames = [.. method.OptimizerParameters.Select(p => p.Name)];
    }

    /// <summary>The method.</summary>
    public PretrainingMethod Method { get; }

    /// <summary>The optimiser.</summary>
    public FlatSgd Optimizer { get; }

    /// <summary>The rate of each group that the schedule starts from.</summary>
    public IReadOnlyList<double> BaseRates { get; set; }

    /// <summary>How far the training has come.</summary>
    public TrainingProgress Progress { get; set; }

    /// <summary>
    /// Whether gradients of earlier steps wait for the update that closes the interval (P-116). They are then part of
    /// the state.
    /// </summary>
    public bool HasPendingGradients { get; set; }

    /// <summary>Writes a checkpoint: to a temporary name, flushed, then renamed.</summary>
    /// <exception cref="IOException">The file cannot be written; the previous one is intact.</exception>
    public void Save(string path) => TorchFile.Write(path, ToMap());

    /// <summary>The content of a checkpoint.</summary>
    public CheckpointMap ToMap() => new()
    {
        { "meta", Meta() },
        { "state_dict", StateDictionary() },
        { "optimizer", OptimizerState.Save(Optimizer, _parameterNames, BaseRates) },
    };

    /// <summary>Replaces the whole state by that of a checkpoint, ours or the reference's.</summary>
    /// <exception cref="CheckpointFormatException">It is no training checkpoint, or one that does not fit.</exception>
    /// <exception cref="Pretraining.State.StateMismatchException">Its weights are of another model.</exception>
    public void Restore(CheckpointFile file)
    {
        RequireTrainingCheckpoint(file);
        CheckpointMap meta = file.Map.GetMap("meta");
        TrainingProgress progress = ProgressOf(meta, file.Name);

        var weights = file.Map.GetMap("state_dict").Tensors.ToDictionary(t => t.Key, t => t.Value,
            StringComparer.Ordinal);
        Method.LoadState(weights).RequireComplete(file.Name);
        BaseRates = OptimizerState.Load(file.Map.GetMap("optimizer"), Optimizer, _parameterNames, file.Name);
        Progress = progress;

        if (meta.TryGet(OwnKey, out CheckpointMap? own))
            RestoreOwn(own);
    }

    /// <summary>Checks that all ranks hold this state; all call it (R13).</summary>
    /// <exception cref="Distributed.CollectiveException">One does not.</exception>
    internal void RequireEqualRanks() => Replicas.RequireEqual(
        Method.Collectives, [.. Method.Replicated, ("momenta", Optimizer.Momentum)], Progress.Iterations, BaseRates);

    /// <summary>The configuration that a checkpoint was made with, as text; null when the file does not say.</summary>
    public static string? ConfigurationOf(CheckpointFile file) =>
        file.Map.TryGet("meta", out CheckpointMap? meta) && meta.TryGet("config", out string? text) ? text : null;

    private void RestoreOwn(CheckpointMap own)
    {
        TorchRandom.SetState(own.GetTensor("torch_rng").Bytes.Span);
        HasPendingGradients = own.TryGet("pending_gradients", out TensorRecord? gradients);
        gradients?.CopyTo(Method.Parameters.Gradients);
    }

    private CheckpointMap Meta() => new()
    {
        { "epoch", (long)Progress.Epochs },
        { "iter", Progress.Iterations },
        { "config", _configuration },
        { "openselfsup_version", "densecl " + VersionText },
        { "mmcv_version", "1.0.3" },
        { "time", _clock.GetLocalNow().ToString("ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture) },
        { OwnKey, Own() },
    };

    private CheckpointMap Own()
    {
        byte[] random = TorchRandom.GetState();
        var own = new CheckpointMap
        {
            { "format_version", FormatVersion },
            { "iterations_per_epoch", (long)Progress.IterationsPerEpoch },
            { "seed", (long)_seed },
            { "torch_rng", new TensorRecord(ElementType.UInt8, [random.Length], random) },
        };
        if (HasPendingGradients)
            own.Add("pending_gradients", Method.Parameters.Gradients.ToRecord());

        return own;
    }

    // The alias holds the very tensors of the query backbone: the same record, so that the file stores them once
    // (P-225).
    private CheckpointMap StateDictionary()
    {
        var map = new CheckpointMap { IsOrderedDict = true };
        foreach (var (name, record) in Method.SaveState())
        {
            bool isAlias = name.StartsWith(AliasPrefix, StringComparison.Ordinal)
                && map.ContainsKey(QueryPrefix + name[AliasPrefix.Length..]);
            map.Add(name, isAlias ? map[QueryPrefix + name[AliasPrefix.Length..]] : record);
        }

        return map;
    }

    private TrainingProgress ProgressOf(CheckpointMap meta, string file)
    {
        long iterations = meta.GetInt64("iter");
        long epochs = meta.GetInt64("epoch");
        int perEpoch = Progress.IterationsPerEpoch;
        if (iterations < 0 || iterations / perEpoch != epochs)
        {
            throw new CheckpointFormatException(file,
                $"it was saved after {epochs} epochs and {iterations} iterations, but with this configuration an "
                + $"epoch has {perEpoch} "
                + "iterations: the data set or the batch size is another one. Resume with the settings of "
                + "the checkpoint "
                + "(config.yaml beside it), or start a new OUTPUT_DIR from its weights (MODEL.PRETRAINED).");
        }

        return new TrainingProgress(iterations, perEpoch);
    }

    private static void RequireTrainingCheckpoint(CheckpointFile file)
    {
        string[] missing = [.. new[] { "meta", "state_dict", "optimizer" }.Where(k => !file.Map.ContainsKey(k))];
        if (missing.Length > 0)
        {
            throw new CheckpointFormatException(file.Name,
                $"it cannot be resumed from: it has no '{string.Join("', no '", missing)}'. Only training "
                + "checkpoints hold the optimizer; "
                + "to start from its weights, name it as MODEL.PRETRAINED.");
        }

        if (file.Map.GetMap("meta").TryGet(OwnKey, out CheckpointMap? own) &&
            own.GetInt64("format_version") > FormatVersion)
        {
            throw new CheckpointFormatException(file.Name,
                $"its format version is {own.GetInt64("format_version")}, this program knows {FormatVersion}. Use a " +
                "newer densecl.");
        }
    }

    private static string VersionText => typeof(TrainingState).Assembly.GetName().Version!.ToString(3);
}
