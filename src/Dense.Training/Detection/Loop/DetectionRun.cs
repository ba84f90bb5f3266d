using System.Globalization;
using System.Security.Cryptography;
using Dense.Checkpoints;
using Dense.Checkpoints.Matching;
using Dense.Configuration;
using Dense.Detection;
using Dense.Distributed;
using Dense.Training.Detection.Checkpointing;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Evaluation;
using Dense.Training.Detection.Logging;
using Dense.Training.Detection.Pictures;
using Dense.Training.Detection.Settings;
using Dense.Training.Detection.Solver;
using Dense.Training.Loop;
using TorchSharp;

namespace Dense.Training.Detection.Loop;

/// <summary>
/// A detection run put together from its configuration (E-22 to E-24): opens the logs, builds the detector, resumes or
/// loads weights, then does its <see cref="DetectionTask"/>.
/// </summary>
public sealed class DetectionRun : IDisposable
{
    private readonly DetectionConfiguration _configuration;
    private readonly DetectionRunOptions _options;
    private readonly DetectionRunSettings _settings;
    private readonly DetectionPlacement _placement;
    private readonly ICollectives _collectives;
    private readonly TimeProvider _clock;
    private readonly DetectionLog _log;
    private readonly DatasetCatalog _catalog;
    private readonly Detector _detector;
    private readonly DetectionCheckpoints _checkpoints;
    private readonly StartingPoint _start;
    private readonly long _seed;
    private ValidationSets? _validation;

    /// <summary>Prepares a run; what can be wrong with settings and data names is found here.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="options">The command line.</param>
    /// <param name="screen">Where a person watches; null for nowhere.</param>
    /// <param name="collectives">The other ranks.</param>
    /// <param name="clock">Dates and measures.</param>
    /// <exception cref="ConfigurationException">The settings do not fit the data, the machine or each
    /// other, or MODEL.WEIGHTS is no file.</exception>
    /// <exception cref="Training.Data.DatasetException">A data set is unknown.</exception>
    public DetectionRun(
        DetectionConfiguration configuration,
        DetectionRunOptions options,
        IRunScreen? screen,
        ICollectives collectives,
        TimeProvider clock)
    {
        _configuration = configuration;
        _options = options;
        _collectives = collectives;
        _clock = clock;
        _placement = DetectionDevices.Of(configuration, options);
        ScaledRun scaled = WorldSizeScaling.Apply(configuration, collectives.WorldSize);
        _seed = scaled.Settings.Seed ?? RankAgreement.Share(RandomNumberGenerator.GetInt32(int.MaxValue), collectives);
        _settings = Complete(options.ApplyTo(scaled.Settings));
        _catalog = DatasetCatalog.Open(registrations: options.DatasetRegistrations);
        RequireDatasets();

        _checkpoints = new DetectionCheckpoints(_settings.OutputDirectory, options.KeepCheckpoints);
        WeightsName? weights = null;
        collectives.OnFirst(() => weights = StartingPoint.FindWeights(configuration, options, _checkpoints));
        _log = new DetectionLog(_settings.OutputDirectory, collectives.Rank, screen, clock, options.BareNan);
        _catalog.OnRead = LogReading;
        _start = new StartingPoint(configuration, options, weights, _log);
        RunDescription.Write(_log, configuration, options, collectives);
        foreach (ScaledValue change in scaled.Changes)
            _log.Info($"Scaled to {collectives.WorldSize} processes: {change.Key} {change.Before} -> {change.After}");

        _log.Info($"Seed {_seed}{(_settings.Seed is null ? ", drawn because SEED is negative" : "")}; device "
            + $"{_placement.Device}, {torch.get_num_threads()} threads.");
        torch.random.manual_seed(_seed + collectives.Rank);
        _detector = DetectorFactory.Create(_settings.Detector, collectives);
        _detector.to(_placement.Device);
    }

    /// <summary>The checkpoints of the run.</summary>
    public DetectionCheckpoints Checkpoints => _checkpoints;

    /// <summary>Does the task; results are checked against the expected ones (E-32).</summary>
    /// <param name="stop">Asks a training to stop.</param>
    /// <returns>How it ended.</returns>
    public DetectionOutcome Execute(StopRequest stop)
    {
        if (_options.ValidationLoss)
            _validation = new ValidationSets(_configuration, _settings, _catalog);

        IReadOnlyDictionary<string, double> results;
        switch (_options.Task)
        {
            case DetectionTask.PreciseBatchNorm:
                RefreshStatistics();
                return DetectionOutcome.Done;
            case DetectionTask.Evaluate:
                LoadForEvaluation();
                results = Evaluate();
                break;
            default:
                RunOutcome outcome;
                (outcome, results) = Train(stop);
                if (outcome == RunOutcome.Interrupted)
                    return DetectionOutcome.Interrupted;
                break;
        }

        return Verify(results) ? DetectionOutcome.Done : DetectionOutcome.UnexpectedResults;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _detector.Dispose();
        _log.Dispose();
    }

    private (RunOutcome Outcome, IReadOnlyDictionary<string, double> Results) Train(StopRequest stop)
    {
        using var optimizer = new DetectionOptimizer(
            [.. DetectorState.Entries(_detector).Where(e => e.Trainable)], _settings.Solver, _placement.ChannelsLast);
        var scaler = _placement.Numbers == TrainingNumbers.Float16 ? new GradientScaler() : null;
        var state = new DetectionState(_detector, optimizer, scaler, _seed) { Options = _options.Lasting };
        TrainingSet images = TrainingImages();
        ResumeOrLoad(state);
        state.RequireEqualRanks(_collectives);

        DetectionDataSettings data = _settings.Data with { Seed = state.Seed };
        using var loader = DetectionLoader.Train(images.Images, data, state.Completed);
        var hooks = new DetectionHooks
        {
            RefreshStatistics = Statistics(images, data, state),
            Evaluate = _settings.TestSets.Count == 0 ? null : iteration => Evaluate(iteration),
            ShowBatch = new RunPictures(images.ClassNames, data.ChannelOrder, _log).ShowBatch,
        };
        var trainer = new DetectionTrainer(
            _settings, state, _placement, loader.Next, Ready, _checkpoints, _log, hooks, _collectives, _clock);
        return trainer.Run(stop);
    }

    private void ResumeOrLoad(DetectionState state)
    {
        using CheckpointFile? checkpoint = FindCheckpoint();
        if (checkpoint is null)
        {
            LoadWeights();
            return;
        }

        IReadOnlyList<double> configured = state.Optimizer.BaseRates;
        var saved = DetectionCheckpoint.Of(checkpoint.Map, checkpoint.Name);
        state.Restore(saved, checkpoint.Name, _options.ResetOptimizer);
        _log.Info($"Resumed from {checkpoint.Name}; {state.Completed} iterations are done.", LogSource.Checkpoints);
        if (state.OtherOptions(saved) is { Count: > 0 } others)
        {
            _log.Warn($"The checkpoint was written with other options: {string.Join(", ", others)}. They change "
                + "results: give them again with --resume.", LogSource.Checkpoints);
        }

        if (!state.Optimizer.BaseRates.SequenceEqual(configured))
        {
            _log.Warn($"The base learning rate stays {string.Join(", ", state.Optimizer.BaseRates.Distinct())} as in "
                + $"the checkpoint; the configuration's {string.Join(", ", configured.Distinct())} is ignored. Give "
                + "--reset-optimizer to change it.", LogSource.Checkpoints);
        }
    }

    private void LoadForEvaluation()
    {
        using CheckpointFile? checkpoint = FindCheckpoint();
        if (checkpoint is null)
        {
            LoadWeights();
            return;
        }

        var saved = DetectionCheckpoint.Of(checkpoint.Map, checkpoint.Name);
        DetectionState.RestoreModel(_detector, saved, checkpoint.Name);
    }

    private CheckpointFile? FindCheckpoint() =>
        RankAgreement.Share(() => _start.FindCheckpoint(_checkpoints), _collectives);

    // E-42, E-149: rank 0's weights for all, those that no file holds included.
    private void LoadWeights()
    {
        _collectives.OnFirst(() => _start.LoadWeights(_detector));
        if (_collectives.WorldSize == 1)
            return;

        using IDisposable noGradient = torch.no_grad();
        foreach (DetectorEntry entry in DetectorState.Entries(_detector))
            _collectives.BroadcastInPlace(entry.Tensor);
    }

    private TrainingSet TrainingImages()
    {
        CocoRecords[] parts = [.. _settings.TrainSets.Select(_catalog.Read)];
        foreach (CocoRecords part in parts)
        {
            DetectionChecks.CheckClasses(_configuration, part.Dataset.Name, part.ClassNames.Count);
            foreach (string warning in part.Warnings)
                _log.Warn(warning, LogSource.Data);
        }

        var set = TrainingSet.Assemble(parts, _settings.Data);
        foreach (string message in set.Messages)
            _log.Info(message, LogSource.Data);
        foreach (string warning in set.Warnings)
            _log.Warn(warning, LogSource.Data);

        _log.Detail($"Distribution of instances:\n{InstanceTable.Format(set.Images, set.ClassNames)}", LogSource.Data);
        _log.Info($"{set.Images.Count} training images, {set.ClassNames.Count} classes; "
            + $"{_settings.Solver.ImagesPerBatch} images per iteration, {_settings.Solver.MaxIterations} iterations, "
            + $"base learning rate {_settings.Solver.BaseRate}.", LogSource.Data);
        return set;
    }

    private void LogReading(RegisteredDataset set, TimeSpan time)
    {
        if (time > TimeSpan.FromSeconds(1))
            _log.Info(string.Create(CultureInfo.InvariantCulture,
                $"Loading {set.AnnotationFile} takes {time.TotalSeconds:F2} seconds."), LogSource.Data);
    }

    private Action? Statistics(TrainingSet images, DetectionDataSettings data, DetectionState state)
    {
        if (!_settings.Test.PreciseBatchNorm)
            return null;

        StatisticsRefresh refresh = NewRefresh(images, data);
        int period = _settings.Test.EvaluationPeriod;
        return refresh.LayerCount == 0 ? null : () => refresh.Run(period > 0 ? (state.Completed - 1) / period : 0);
    }

    private void RefreshStatistics()
    {
        TrainingSet images = TrainingImages();
        LoadForEvaluation();
        StatisticsRefresh refresh = NewRefresh(images, _settings.Data);
        if (refresh.LayerCount == 0)
        {
            throw new ConfigurationException(_configuration.Problem("MODEL.RESNETS.NORM",
                "the model has no BatchNorm layer that trains, so that there are no statistics to compute."));
        }

        refresh.Run(before: 0);
        _collectives.OnFirst(() =>
        {
            string path = Path.Combine(_settings.OutputDirectory, "model_precise_bn.pth");
            TorchFile.Write(path, new DetectionCheckpoint { Model = DetectorState.ToRecords(_detector) }.ToMap());
            _log.Info($"Saved the model with the new statistics to {path}", LogSource.Checkpoints);
        });
    }

    private StatisticsRefresh NewRefresh(TrainingSet images, DetectionDataSettings data) => new(
        _detector, images.Images, data, _settings.Test.PreciseBatchNormIterations, Ready, _log, _collectives);

    private IReadOnlyDictionary<string, double> Evaluate(long? iteration = null)
    {
        IReadOnlyDictionary<string, double> results =
            new DetectionEvaluator(_settings, _catalog, Ready, _log, _collectives, _clock).Run(_detector, iteration);
        if (_validation is not null)
            results = results.Concat(_validation.Losses(_detector, Ready, _log, _collectives)).ToDictionary();

        return results;
    }

    private bool Verify(IReadOnlyDictionary<string, double> results) =>
        _settings.Test.ExpectedResults.Count == 0 || _collectives.Rank != 0
        || ExpectedResults.Verify(_settings.Test.ExpectedResults, results, _log);

    private ImageBatch Ready(IReadOnlyList<InputImage> images) =>
        ImageBatching.Create(images, _settings.Detector, _placement.Device);

    private DetectionRunSettings Complete(DetectionRunSettings settings) => settings with
    {
        Data = settings.Data with
        {
            Seed = _seed,
            Rank = _collectives.Rank,
            WorldSize = _collectives.WorldSize,
            BatchSizePerProcess =
                WorldSizeScaling.ImagesPerProcess(_configuration, settings.Solver, _collectives.WorldSize),
        },
    };

    // Before anything is written: an unknown name must not leave a folder behind.
    private void RequireDatasets()
    {
        IEnumerable<string> trained = _options.Task == DetectionTask.Evaluate ? [] : _settings.TrainSets;
        IEnumerable<string> evaluated = _options.Task == DetectionTask.PreciseBatchNorm ? [] : _settings.TestSets;
        foreach (string name in trained.Concat(evaluated))
            _catalog.Find(name);
    }
}
