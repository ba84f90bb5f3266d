using System.Security.Cryptography;
using Dense.Checkpoints;
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
using Dense.Training.Logging;
using Dense.Training.Loop;
using TorchSharp;

namespace Dense.Training.Detection.Loop;

/// <summary>
/// A detection run put together from its configuration (E-22 to E-24): opens the logs, builds the detector, resumes or
/// loads weights, then trains and evaluates, or only evaluates.
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
    /// other.</exception>
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
        _placement = DetectionDevices.Of(configuration, options.BFloat16);
        ScaledRun scaled = WorldSizeScaling.Apply(configuration, collectives.WorldSize);
        _seed = scaled.Settings.Seed ?? RankAgreement.Share(RandomNumberGenerator.GetInt32(int.MaxValue), collectives);
        _settings = Complete(options.ApplyTo(scaled.Settings));
        _catalog = DatasetCatalog.Open(registrations: options.DatasetRegistrations);
        RequireDatasets();

        _checkpoints = new DetectionCheckpoints(_settings.OutputDirectory, options.KeepCheckpoints);
        _log = new DetectionLog(_settings.OutputDirectory, collectives.Rank, screen, clock, options.BareNan);
        _start = new StartingPoint(configuration, options, _log);
        Describe(scaled);
        torch.random.manual_seed(_seed + collectives.Rank);
        _detector = DetectorFactory.Create(_settings.Detector, collectives);
        _detector.to(_placement.Device);
    }

    /// <summary>The checkpoints of the run.</summary>
    public DetectionCheckpoints Checkpoints => _checkpoints;

    /// <summary>Trains and evaluates, or only evaluates; then checks the results against the expected ones
    /// (E-32).</summary>
    /// <param name="stop">Asks a training to stop.</param>
    /// <returns>How it ended.</returns>
    public DetectionOutcome Execute(StopRequest stop)
    {
        if (_options.ValidationLoss)
            _validation = new ValidationSets(_configuration, _settings, _catalog);

        IReadOnlyDictionary<string, double> results;
        if (_options.EvaluateOnly)
        {
            LoadForEvaluation();
            results = Evaluate();
        }
        else
        {
            RunOutcome outcome;
            (outcome, results) = Train(stop);
            if (outcome == RunOutcome.Interrupted)
                return DetectionOutcome.Interrupted;
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
        var state = new DetectionState(_detector, optimizer, scaler, _seed);
        TrainingSet images = TrainingImages();
        ResumeOrLoad(state);
        RankAgreement.Require(state, _checkpoints.FolderPath, _collectives);
        ShareWeights();

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
        using CheckpointFile? checkpoint = _start.FindCheckpoint(_checkpoints);
        if (checkpoint is null)
        {
            _start.LoadWeights(_detector);
            return;
        }

        IReadOnlyList<double> configured = state.Optimizer.BaseRates;
        state.Restore(
            DetectionCheckpoint.Of(checkpoint.Map, checkpoint.Name), checkpoint.Name, _options.ResetOptimizer);
        _log.Info($"Resumed from {checkpoint.Name}; {state.Completed} iterations are done.", LogSource.Checkpoints);
        if (!state.Optimizer.BaseRates.SequenceEqual(configured))
        {
            _log.Warn($"The base learning rate stays {string.Join(", ", state.Optimizer.BaseRates.Distinct())} as in the "
                + $"checkpoint; the configuration's {string.Join(", ", configured.Distinct())} is ignored. Give "
                + "--reset-optimizer to change it.", LogSource.Checkpoints);
        }
    }

    private void LoadForEvaluation()
    {
        using CheckpointFile? checkpoint = _start.FindCheckpoint(_checkpoints);
        if (checkpoint is null)
        {
            _start.LoadWeights(_detector);
            return;
        }

        var saved = DetectionCheckpoint.Of(checkpoint.Map, checkpoint.Name);
        DetectionState.RestoreModel(_detector, saved, checkpoint.Name);
    }

    // E-149: rank 0's weights for all.
    private void ShareWeights()
    {
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

        var images = TrainingSet.Assemble(parts, _settings.Data);
        foreach (string message in images.Messages)
            _log.Info(message, LogSource.Data);

        _log.Detail($"Distribution of instances:\n{InstanceTable.Format(images.Images, images.ClassNames)}", LogSource.Data);
        _log.Info($"{images.Images.Count} training images, {images.ClassNames.Count} classes; "
            + $"{_settings.Solver.ImagesPerBatch} images per iteration, {_settings.Solver.MaxIterations} iterations, base "
            + $"learning rate {_settings.Solver.BaseRate}.", LogSource.Data);
        return images;
    }

    // Each time the batches that follow those of the times before, so that a resumed run sees what an uninterrupted one
    // would have seen.
    private Action? Statistics(TrainingSet images, DetectionDataSettings data, DetectionState state)
    {
        if (_settings.Test.PreciseBatchNormIterations is not { } iterations)
            return null;

        var precise = new PreciseBatchNorm(_detector, _collectives);
        if (precise.LayerCount == 0)
            return null;

        int period = _settings.Test.EvaluationPeriod;
        return () =>
        {
            _log.Info($"Running precise BatchNorm of {precise.LayerCount} layers for {iterations} iterations ...", LogSource.Hooks);
            long before = period > 0 ? (state.Completed - 1) / period : 0;
            using var loader = DetectionLoader.Train(
                images.Images, data with { MaskOn = data.MaskOn && !precise.RunsBackboneOnly }, before * iterations);
            precise.Run(NextOf(loader), iterations, done => ShowStatistics(done, iterations));
        };
    }

    private Func<(ImageBatch, IReadOnlyList<GroundTruth>)?> NextOf(DetectionLoader loader) => () =>
        loader.Next() is { } batch
            ? (Ready(batch.Images), [.. batch.Images.Select(i => i.GroundTruth ?? GroundTruth.Empty)])
            : null;

    private void ShowStatistics(int done, int iterations)
    {
        _log.Progress(new RunProgress("precise BN", done, iterations, null, []));
        if (done % 100 == 0)
            _log.Info($"Running precise BatchNorm: {done}/{iterations} iterations.", LogSource.Hooks);
    }

    private IReadOnlyDictionary<string, double> Evaluate(long? iteration = null)
    {
        IReadOnlyDictionary<string, double> results =
            new DetectionEvaluator(_settings, _catalog, Ready, _log, _collectives, _clock).Run(_detector, iteration);
        if (_validation is not null)
            results = results.Concat(_validation.Losses(_detector, Ready, _log, _collectives)).ToDictionary();

        _collectives.WaitForFirst();
        return results;
    }

    private bool Verify(IReadOnlyDictionary<string, double> results)
    {
        if (_settings.Test.ExpectedResults.Count == 0 || _collectives.Rank != 0)
            return true;

        IReadOnlyList<string> failures = ExpectedResults.Failures(_settings.Test.ExpectedResults, results);
        foreach (string failure in failures)
            _log.Note(LogLevel.Error, $"Result verification failed: {failure}", LogSource.Results);
        if (failures.Count == 0)
            _log.Info("Results verification passed.", LogSource.Results);

        return failures.Count == 0;
    }

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
        IEnumerable<string> trained = _options.EvaluateOnly ? [] : _settings.TrainSets;
        foreach (string name in trained.Concat(_settings.TestSets))
            _catalog.Find(name);
    }

    private void Describe(ScaledRun scaled)
    {
        _log.Detail($"Rank of current process: {_collectives.Rank}. World size: {_collectives.WorldSize}");
        _log.Detail($"Environment:\n{EnvironmentTable.Text()}");
        _log.Detail($"Command line arguments: {_options.CommandLine}");
        if (_collectives.Rank == 0)
        {
            string path = Path.Combine(_settings.OutputDirectory, DetectionConfiguration.FileName);
            _log.Detail($"Running with full config:\n{_configuration.ToYaml()}");
            AtomicFile.WriteText(path, _configuration.ToYaml());
            _log.Info($"Full config saved to {path}");
        }

        foreach (Problem warning in _configuration.Warnings)
            _log.Warn(warning.ToString());
        if (_settings.CudnnBenchmark)
            _log.Warn("CUDNN_BENCHMARK has no effect here.");

        foreach (ScaledValue change in scaled.Changes)
            _log.Info($"Scaled to {_collectives.WorldSize} processes: {change.Key} {change.Before} -> {change.After}");

        _log.Info($"Seed {_seed}{(_settings.Seed is null ? ", drawn because SEED is negative" : "")}; device "
            + $"{_placement.Device}, {torch.get_num_threads()} threads.");
    }
}
