using System.Runtime.InteropServices;
using Dense.Checkpoints;
using Dense.Configuration;
using Dense.Distributed;
using Dense.Pretraining;
using Dense.Torch.Flat;
using Dense.Training.Checkpointing;
using Dense.Training.Data.Formats;
using Dense.Training.Data.Loading;
using Dense.Training.Data.Sampling;
using Dense.Training.Data.Sources;
using Dense.Training.Evaluation;
using Dense.Training.Hints;
using Dense.Training.Logging;
using Dense.Training.Settings;
using TorchSharp;

namespace Dense.Training.Loop;

/// <summary>
/// A pre-training put together from its configuration: opens the images, builds the method, resumes where a checkpoint
/// is found, and runs the loop.
/// </summary>
public sealed class PretrainingRun : IDisposable
{
    private readonly PretrainingConfiguration _configuration;
    private readonly PretrainingSettings _settings;
    private readonly ICollectives _collectives;
    private readonly TimeProvider _clock;
    private readonly TrainingLog _log;
    private readonly IImageSource _source;
    private readonly EpochSampler _sampler;
    private readonly PretrainingMethod _method;
    private readonly FlatSgd _sgd;
    private readonly TrainingState _state;
    private readonly CheckpointFolder _checkpoints;
    private readonly TrainingHints _hints;

    /// <summary>Prepares a run; everything that can be wrong with its settings is found here.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="startFresh">Ignore the checkpoints in the output folder.</param>
    /// <param name="sinks">Where figures and sentences of the first rank go besides the run's log files; the run
    /// disposes them.</param>
    /// <param name="collectives">The other ranks.</param>
    /// <param name="clock">Dates and measures.</param>
    /// <param name="device">This process's own device where DEVICE means any: <c>config.yaml</c> is that of all
    /// processes. Null for DEVICE.</param>
    /// <exception cref="ConfigurationException">The settings do not fit the images, the method or the
    /// machine.</exception>
    /// <exception cref="Data.DatasetException">The images cannot be opened.</exception>
    /// <exception cref="CheckpointFormatException">No checkpoint of the folder can be used.</exception>
    public PretrainingRun(
        PretrainingConfiguration configuration,
        bool startFresh,
        IReadOnlyList<ILogSink> sinks,
        ICollectives collectives,
        TimeProvider clock,
        string? device = null)
    {
        _configuration = configuration;
        _settings = configuration.Settings;
        _collectives = collectives;
        _clock = clock;
        PretrainingChecks.CheckRun(configuration, collectives.WorldSize);
        _checkpoints = new CheckpointFolder(_settings.OutputDirectory);

        bool labelled = _settings.Model.Classification is not null;
        _source = ImageSources.Open(_settings.Data.Source, labelled);
        _sampler = new EpochSampler(_source.Count, SamplerOf(_settings, collectives));

        PlacementSettings placement = Placements.Of(_settings, device);
        torch.random.manual_seed(_settings.Seed);
        _method = CreateMethod();
        _method.Place(placement);
        _method.CopyFromFirstRank();
        _sgd = new FlatSgd(_method.Parameters, Groups());
        _state = new TrainingState(
            _method, _sgd, _sampler.BatchesPerEpoch, configuration.ToYaml(), _settings.Seed, clock);

        _log = OpenLog(sinks);
        _log.Begin(new RunDescription(EnvironmentText(placement), _settings.Seed, ConfigurationPath));
        if (!startFresh)
            Resume();

        _hints = new TrainingHints(new HintSettings
        {
            DatasetSize = _source.Count,
            QueueLength = (int)(_settings.Model.Contrastive?.QueueLength ?? 0),
            GlobalBatchSize = _settings.Data.BatchSizePerProcess * collectives.WorldSize,
        });
        DescribeRun();
    }

    /// <summary>How far the training has come.</summary>
    public TrainingProgress Progress => _state.Progress;

    /// <summary>The folder of the run.</summary>
    public CheckpointFolder Checkpoints => _checkpoints;

    /// <summary>The method that is trained.</summary>
    public PretrainingMethod Method => _method;

    /// <summary>Trains to the end, or until asked to stop.</summary>
    /// <param name="stop">Asks to stop.</param>
    /// <param name="onStep">Told after every step how far the training is.</param>
    public RunOutcome Execute(StopRequest stop, Action<StepProgress>? onStep = null)
    {
        if (_collectives.Rank == 0)
            AtomicFile.WriteText(ConfigurationPath, _configuration.ToYaml());

        if (_state.Progress.Epochs >= _settings.Solver.Epochs)
        {
            _log.Note(LogLevel.Info, $"Nothing to do: all {_settings.Solver.Epochs} epochs are done. "
                + "Raise SOLVER.EPOCHS to go on, or name another OUTPUT_DIR.");
            return RunOutcome.Finished;
        }

        IReadOnlyList<IEpochTask> tasks = Tasks();
        if (_settings.Validation.AtStart && _state.Progress.Iterations == 0)
            _collectives.OnFirst(() => _log.WriteEvaluation(0, 0, new ValidationTask(_settings).Measure(_method)));

        using BatchLoader loader = BatchLoader.Start(
            _source,
            _sampler,
            Format(),
            _settings.Data.Loader with
            {
                Epochs = _settings.Solver.Epochs,
                PinMemory = _method.Placement.Device.type == DeviceType.CUDA,
            },
            new LoaderPosition(_state.Progress.Epochs, _state.Progress.IterationsInEpoch));
        var loop = new PretrainingLoop(
            _settings, _state, loader, _checkpoints, _log, _hints, tasks, _clock, onStep);
        return loop.Run(stop);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sgd.Dispose();
        _method.Dispose();
        _source.Dispose();
        _log.Dispose();
    }

    // The first rank speaks for all; the others keep a text file of their own.
    private TrainingLog OpenLog(IReadOnlyList<ILogSink> sinks)
    {
        string folder = _settings.OutputDirectory;
        var run = new RunId(RankAgreement.Share(RunId.Create(folder, _clock).Value, _collectives));
        return _collectives.Rank == 0
            ? TrainingLog.Open(folder, run, _clock, sinks)
            : new TrainingLog(new TextLog(folder, new RunId($"{run}_rank{_collectives.Rank}"), _clock));
    }

    private PretrainingMethod CreateMethod()
    {
        PretrainingMethod method = MethodFactory.Create(_settings.Model, _collectives, (ulong)_settings.Seed);
        if (_settings.Model.Pretrained is { } path)
            method.LoadBackbone(BackboneFile.Weights(path), path);

        return method;
    }

    private IReadOnlyList<SgdGroup> Groups()
    {
        string[] names = [.. _method.OptimizerParameters.Where(p => p.Trainable).Select(p => p.Name)];
        PretrainingChecks.CheckParameterRules(_configuration, names);
        int globalBatch = _settings.Data.BatchSizePerProcess * _collectives.WorldSize;
        return ParameterGroups.Create(
            _method.OptimizerParameters, _settings.Solver, _settings.Solver.RateFor(globalBatch));
    }

    private void Resume()
    {
        using CheckpointFile? file = RankAgreement.Share(FindCheckpoint, _collectives);
        if (file is null)
            return;

        IReadOnlyList<double> configured = _state.BaseRates;
        _state.Restore(file);
        _state.RequireEqualRanks();
        _log.Note(LogLevel.Info, $"Resumed from {file.Name}: {_state.Progress.Epochs} epochs and "
            + $"{_state.Progress.IterationsInEpoch} iterations are done.");
        ChooseRates(configured);
        NoteDifferences(file);
    }

    // The newest readable one; a damaged one is named and passed over (R2). One that does not fit is an error later.
    private CheckpointFile? FindCheckpoint()
    {
        var damaged = new List<string>();
        foreach (string path in _checkpoints.Candidates())
        {
            if (TryRead(path, damaged) is { } file)
                return file;
        }

        return damaged.Count == 0 ? null : throw new CheckpointFormatException(_checkpoints.FolderPath,
            $"none of its {damaged.Count} checkpoints can be read. The last message: {damaged[^1]} "
            + "Start over with --fresh, or name another OUTPUT_DIR.");
    }

    // Mapped, because it is copied into tensors at once and our writers never change a file in place.
    private CheckpointFile? TryRead(string path, List<string> damaged)
    {
        try
        {
            return CheckpointFile.Read(path, new CheckpointReadOptions { MapFile = true });
        }
        catch (CheckpointFormatException e)
        {
            damaged.Add(e.Message);
            _log.Note(LogLevel.Warning, $"Passing over a damaged checkpoint. {e.Message}");
            return null;
        }
    }

    // P-128: a resumed run keeps the rate that it began with, unless the configuration is told to win.
    private void ChooseRates(IReadOnlyList<double> configured)
    {
        if (_state.BaseRates.SequenceEqual(configured))
            return;

        string found = string.Join(", ", _state.BaseRates.Distinct());
        string wanted = string.Join(", ", configured.Distinct());
        if (_settings.Solver.RateFromConfigurationOnResume)
        {
            _state.BaseRates = configured;
            _log.Note(LogLevel.Warning,
                $"The base learning rate changes from {found} (checkpoint) to {wanted} (configuration).");
        }
        else
        {
            _log.Note(LogLevel.Warning, $"The base learning rate stays {found} as in the checkpoint; "
                + $"the configuration's {wanted} is ignored. "
                + "Set SOLVER.LR_FROM_CONFIG_ON_RESUME True to change it.");
        }
    }

    private void NoteDifferences(CheckpointFile file)
    {
        string[] now = _configuration.ToYaml().Split('\n');
        string[] then = TrainingState.ConfigurationOf(file)?.Split('\n') ?? now;
        IEnumerable<string> changed = now.Except(then)
            .Where(l => !l.StartsWith("OUTPUT_DIR", StringComparison.Ordinal))
            .Take(10);
        foreach (string line in changed)
            _log.Note(LogLevel.Warning, $"Differs from the checkpoint's configuration: {line.Trim()}");
    }

    private ISampleFormat Format() => _settings.Model.Classification is { } classification
        ? new LabelledFormat(_source, _settings.View, (ulong)_settings.Seed, classification.NumClasses)
        : new ContrastiveFormat(_source, _settings.View, (ulong)_settings.Seed);

    private IReadOnlyList<IEpochTask> Tasks()
    {
        var tasks = new List<IEpochTask>();
        if (_settings.Probe.IntervalEpochs > 0)
            tasks.Add(new KnnProbeTask(_settings));
        if (_settings.Validation.IntervalEpochs > 0)
            tasks.Add(new ValidationTask(_settings));

        return tasks;
    }

    private void DescribeRun()
    {
        int batch = _settings.Data.BatchSizePerProcess * _collectives.WorldSize;
        _log.Note(LogLevel.Info, $"{_source.Count} images from {_source.Location}; global batch {batch}, "
            + $"{_sampler.BatchesPerEpoch} iterations per epoch, {_settings.Solver.Epochs} epochs; "
            + $"base learning rate {string.Join(", ", _state.BaseRates.Distinct())}.");
        foreach (Hint hint in _hints.AtStart())
            _log.Note(hint.Level, hint.Message);
    }

    private static SamplerSettings SamplerOf(PretrainingSettings settings, ICollectives collectives) => new()
    {
        Order = settings.Data.Order,
        Seed = (ulong)settings.Seed,
        BatchSize = settings.Data.BatchSizePerProcess,
        DropLast = settings.Data.DropLast,
        WithReplacement = settings.Data.WithReplacement,
        Rank = collectives.Rank,
        WorldSize = collectives.WorldSize,
    };

    private static string EnvironmentText(PlacementSettings placement) =>
        $"densecl {typeof(PretrainingRun).Assembly.GetName().Version!.ToString(3)}, "
        + $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, "
        + $"{Environment.ProcessorCount} cores, {torch.get_num_threads()} threads, "
        + $"libtorch {torch.__version__}, device {placement.Device}";

    private string ConfigurationPath =>
        Path.Combine(_settings.OutputDirectory, PretrainingConfiguration.FileName);
}
