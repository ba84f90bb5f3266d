using System.Globalization;
using Dense.Checkpoints;
using Dense.Detection;
using Dense.Distributed;
using Dense.Training.Checkpointing;
using Dense.Training.Data.Loading;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Logging;
using Dense.Training.Detection.Settings;
using Dense.Training.Detection.Solver;
using Dense.Training.Logging;
using Dense.Training.Loop;
using Dense.Training.Metrics;

namespace Dense.Training.Detection.Loop;

/// <summary>
/// Trains a detector from where its state stands to the last step, in the reference's order of events around a step
/// (E-30): step, times, rate, statistics, checkpoint, evaluation, logs.
/// </summary>
public sealed class DetectionTrainer
{
    // E-158: the first steps of a run allocate and compile, and are not timed.
    private const int UntimedSteps = 2, UncountedSteps = 3;

    private readonly DetectionRunSettings _settings;
    private readonly DetectionState _state;
    private readonly DetectionStep _step;
    private readonly DetectionSchedule _schedule;
    private readonly Func<DetectionBatch?> _next;
    private readonly DetectionCheckpoints _checkpoints;
    private readonly DetectionLog _log;
    private readonly DetectionHooks _hooks;
    private readonly ICollectives _collectives;
    private readonly TimeProvider _clock;
    private readonly RankPace _pace;
    private readonly StepTimes _times = new(UncountedSteps);

    /// <summary>Prepares the training; <see cref="Run"/> starts it.</summary>
    /// <param name="settings">The run's settings, scaled to the number of ranks.</param>
    /// <param name="state">Network, optimiser and progress, restored when the run is resumed.</param>
    /// <param name="placement">Where and how to compute.</param>
    /// <param name="next">The training batches from the state's progress on.</param>
    /// <param name="batching">Makes images ready on the device; the trainer disposes the result.</param>
    /// <param name="checkpoints">Where checkpoints go.</param>
    /// <param name="log">Where figures and sentences go.</param>
    /// <param name="hooks">What happens beside the steps.</param>
    /// <param name="collectives">The other ranks.</param>
    /// <param name="clock">Measures.</param>
    public DetectionTrainer(
        DetectionRunSettings settings,
        DetectionState state,
        DetectionPlacement placement,
        Func<DetectionBatch?> next,
        Func<IReadOnlyList<InputImage>, ImageBatch> batching,
        DetectionCheckpoints checkpoints,
        DetectionLog log,
        DetectionHooks hooks,
        ICollectives collectives,
        TimeProvider clock)
    {
        _settings = settings;
        _state = state;
        _step = new DetectionStep(state, placement, settings.Solver.BatchParts, batching, collectives);
        _schedule = new DetectionSchedule(settings.Solver);
        _next = next;
        _checkpoints = checkpoints;
        _log = log;
        _hooks = hooks;
        _collectives = collectives;
        _clock = clock;
        _pace = new RankPace(collectives, clock);
    }

    private long MaxIterations => _settings.Solver.MaxIterations;

    /// <summary>Trains, then evaluates.</summary>
    /// <param name="stop">Looked at in every step; one rank that is asked to stop stops all.</param>
    /// <returns>How it ended, and the last results by <c>task/metric</c>.</returns>
    /// <exception cref="TrainingDivergedException">A loss or gradient is not finite.</exception>
    /// <exception cref="CollectiveException">Another rank diverged, or was lost.</exception>
    /// <exception cref="Training.Data.DatasetException">An image cannot be used, or too many cannot.</exception>
    public (RunOutcome Outcome, IReadOnlyDictionary<string, double> Results) Run(StopRequest stop)
    {
        _log.Info($"Starting training from iteration {_state.Completed}", LogSource.Training);
        long start = _clock.GetTimestamp();
        _state.Detector.train();
        while (_state.Completed < MaxIterations)
        {
            long iteration = _state.Completed;
            (IReadOnlyList<InputImage> images, bool stopAsked) = Step(iteration, stop);
            RefreshStatistics(iteration);
            if (stopAsked)
                return Interrupt(iteration, stop.Reason ?? "on another rank");

            AfterStep(iteration, images);
        }

        _times.Report(_log, _clock.GetElapsedTime(start));
        IReadOnlyDictionary<string, double> results = Evaluate(MaxIterations);
        _log.WriteMetrics(MaxIterations, MaxIterations, deviceBytes: null);
        _log.Flush();
        return (RunOutcome.Finished, results);
    }

    private (IReadOnlyList<InputImage> Images, bool StopAsked) Step(long iteration, StopRequest stop)
    {
        long begin = _clock.GetTimestamp();
        _pace.Begin();
        DetectionBatch batch = _next() ?? throw new InvalidOperationException("The training data have ended.");
        foreach (DamagedImage image in batch.Damaged)
            _log.Warn($"Skipped a damaged image: {image.Reason}", LogSource.Data);

        _state.Optimizer.SetRates(_schedule.Factor(iteration));
        double rate = _state.Optimizer.Rate;
        StepLosses losses = _step.Take(batch.Images, batch.Waited.TotalSeconds, stop.Reason is not null);
        RequireFinite(losses, batch, iteration);
        PutLosses(losses, batch.Waited.TotalSeconds, iteration);
        _pace.End();

        double seconds = _clock.GetElapsedTime(begin).TotalSeconds;
        _times.Add(seconds);
        if (_times.Steps > UntimedSteps)
            _log.Scalars.Put("time", seconds, iteration);

        _log.Scalars.Put("lr", rate, iteration, smooth: false);
        _state.Completed = iteration + 1;
        _state.Optimizer.SetRates(_schedule.Factor(_state.Completed));
        ShowProgress(losses, rate, iteration, batch.Images.Count / seconds);

        // One rank need not ask the others: what came after the exchange counts at once.
        return (batch.Images, losses.StopAsked || (_collectives.WorldSize == 1 && stop.Reason is not null));
    }

    // Also of a run that stops here: the file it leaves is not written again (M-123).
    private void RefreshStatistics(long iteration)
    {
        if (_hooks.RefreshStatistics is not { } refresh || !(IsLast(iteration) || IsEvaluation(iteration)))
            return;

        long begin = _clock.GetTimestamp();
        refresh();
        _times.AddHooks(_clock.GetElapsedTime(begin));
    }

    private void AfterStep(long iteration, IReadOnlyList<InputImage> images)
    {
        long begin = _clock.GetTimestamp();
        bool isLast = IsLast(iteration);
        if (IsDue(_settings.Solver.CheckpointPeriod, iteration))
            Save(_checkpoints.StepPath(iteration));
        if (isLast)
            Save(_checkpoints.FinalPath);
        if (IsEvaluation(iteration) && !isLast)
            Evaluate(iteration);

        if (isLast || IsDue(ScalarStore.Window, iteration))
        {
            WriteMetrics(iteration);
            if (_pace.Compare() is { } slow)
                _log.Warn(slow, LogSource.Training);

            _hooks.ShowBatch?.Invoke(iteration, images);
        }

        _times.AddHooks(_clock.GetElapsedTime(begin));
    }

    private (RunOutcome Outcome, IReadOnlyDictionary<string, double> Results) Interrupt(long iteration, string reason)
    {
        string path = IsLast(iteration) ? _checkpoints.FinalPath : _checkpoints.StepPath(iteration);
        Save(path);
        WriteMetrics(iteration);
        _log.Warn(
            $"Stopped on request ({reason}) after iteration {iteration}; {Path.GetFileName(path)} is saved. The same "
            + "command with --resume goes on.", LogSource.Training);
        return (RunOutcome.Interrupted, new Dictionary<string, double>());
    }

    // TorchSharp tells nothing of CUDA's memory, so that there is no max_mem (E-159).
    private void WriteMetrics(long iteration)
    {
        _log.Scalars.Put(ProgressLine.PeakMemory, ProcessMemory.Read().PeakMebibytes, iteration, smooth: false);
        _log.WriteMetrics(iteration, MaxIterations, deviceBytes: null);
    }

    private IReadOnlyDictionary<string, double> Evaluate(long iteration)
    {
        if (_hooks.Evaluate is null)
            return new Dictionary<string, double>();

        IReadOnlyDictionary<string, double> results = _hooks.Evaluate(iteration);
        foreach (var (name, value) in results)
            _log.Scalars.Put(name, value, iteration, smooth: false);

        _log.Flush();
        return results;
    }

    // Every rank holds the same state; the first one writes it.
    private void Save(string path)
    {
        _state.RequireEqualRanks(_collectives);
        _collectives.OnFirst(() =>
        {
            _log.Info($"Saving checkpoint to {path}", LogSource.Checkpoints);
            _checkpoints.Save(path, _state.Save().ToMap());
        });
    }

    private void PutLosses(StepLosses losses, double waited, long iteration)
    {
        _log.Scalars.Put("rank_data_time", waited, iteration);
        _log.Scalars.Put("data_time", losses.DataSeconds, iteration);
        _log.Scalars.Put("total_loss", losses.Total, iteration);
        if (losses.Terms.Count < 2)
            return;

        foreach (var (name, value) in losses.Terms)
            _log.Scalars.Put(name, value, iteration);

        // Without "loss", so that the line of log.txt stays the one that scripts parse.
        foreach (var (name, value) in losses.AboveEntropy)
            _log.Scalars.Put($"{name.Replace("loss_", "")}_above_entropy", value, iteration);
    }

    private void ShowProgress(StepLosses losses, double rate, long iteration, double imagesPerSecond) =>
        _log.Progress(new RunProgress(
            "iter", iteration + 1, MaxIterations, _log.Remaining(iteration, MaxIterations),
            [
                ("total_loss", SignificantDigits.Format(losses.Total, 4)),
                ("img/s", imagesPerSecond.ToString("F2", CultureInfo.InvariantCulture)),
                ("lr", SignificantDigits.Format(rate, 5)),
            ]));

    // E-85, E-191. Float16 gradients may overflow: the scaler skips such a step.
    private void RequireFinite(StepLosses losses, DetectionBatch batch, long iteration)
    {
        if (losses.NonFinite is not { } number
            || (number.Name == StepNumbers.GradientNorm && _state.Scaler is not null))
        {
            return;
        }

        if (number.Rank != _collectives.Rank)
        {
            _collectives.Barrier(); // The rank with the numbers tells; its file must be complete before the others end.
            throw new CollectiveException(
                $"Iteration {iteration}: {number.Name} is {number.Value} on rank {number.Rank}.");
        }

        string ids = string.Join(", ", batch.Images.Select(i => i.ImageId));
        string dump = DivergenceDump.Write(
            _checkpoints.FolderPath, iteration + 1, _state.Save().ToMap(), new CheckpointMap
            {
                { "image_ids", batch.Images.Select(i => (object?)i.ImageId).ToList() },
                { "file_names", batch.Images.Select(i => (object?)i.FileName).ToList() },
            });
        _collectives.Barrier();
        var message = string.Create(CultureInfo.InvariantCulture,
            $"Iteration {iteration}: {number.Name} is {number.Value}, expected a finite number; means over processes: "
            + $"{string.Join(", ", losses.Terms.Select(t => $"{t.Name} {t.Value}"))}, gradient norm "
            + $"{losses.GradientNorm}. "
            + $"The weights were not updated; state and batch are in {dump}. Learning rate {_state.Optimizer.Rate}, "
            + $"{batch.Images.Count} images per process, warm-up "
            + $"{Math.Min(iteration, _settings.Solver.WarmupIterations)} of "
            + $"{_settings.Solver.WarmupIterations} iterations; image ids {ids}. Lower SOLVER.BASE_LR, lengthen "
            + $"SOLVER.WARMUP_ITERS, or look at these images.");
        _log.Detail(message, LogSource.Training, LogLevel.Error);
        throw new TrainingDivergedException(message);
    }

    private bool IsLast(long iteration) => iteration == MaxIterations - 1;

    private bool IsEvaluation(long iteration) => IsDue(_settings.Test.EvaluationPeriod, iteration);

    private static bool IsDue(long period, long iteration) => period > 0 && (iteration + 1) % period == 0;
}
