using Dense.Distributed;
using Dense.Pretraining;
using Dense.Torch;
using Dense.Training.Checkpointing;
using Dense.Training.Data.Loading;
using Dense.Training.Hints;
using Dense.Training.Logging;
using Dense.Training.Metrics;
using Dense.Training.Schedules;
using Dense.Training.Settings;
using static TorchSharp.torch;

namespace Dense.Training.Loop;

/// <summary>
/// Trains a method from where its state stands to the last epoch, in the reference's order of events (P-129): rate,
/// forward, check, backward, update, checkpoint, log.
/// </summary>
public sealed class PretrainingLoop
{
    private readonly PretrainingSettings _settings;
    private readonly TrainingState _state;
    private readonly PretrainingMethod _method;
    private readonly LearningRateSchedule _schedule;
    private readonly BatchLoader _loader;
    private readonly CheckpointFolder _checkpoints;
    private readonly ILogSink _log;
    private readonly TrainingHints _hints;
    private readonly IReadOnlyList<IEpochTask> _epochTasks;
    private readonly Action<StepProgress>? _onStep;
    private readonly TimeProvider _clock;
    private readonly MetricWindow _window;
    private readonly RankPace _pace;
    private readonly RemainingTime _remaining;
    private bool _stopAgreed;

    /// <summary>Prepares the loop; <see cref="Run"/> starts it.</summary>
    /// <param name="settings">The run's settings.</param>
    /// <param name="state">Method, optimiser and progress, restored when the run is resumed.</param>
    /// <param name="loader">Batches from <see cref="TrainingState.Progress"/> on.</param>
    /// <param name="checkpoints">Where checkpoints go.</param>
    /// <param name="log">Where figures and sentences go.</param>
    /// <param name="hints">Tells a person what the figures mean.</param>
    /// <param name="epochTasks">What is measured between epochs.</param>
    /// <param name="clock">Measures the steps.</param>
    /// <param name="onStep">Told after every step how far the training is.</param>
    public PretrainingLoop(
        PretrainingSettings settings,
        TrainingState state,
        BatchLoader loader,
        CheckpointFolder checkpoints,
        ILogSink log,
        TrainingHints hints,
        IReadOnlyList<IEpochTask> epochTasks,
        TimeProvider clock,
        Action<StepProgress>? onStep = null)
    {
        _settings = settings;
        _state = state;
        _method = state.Method;
        _schedule = new LearningRateSchedule(
            settings.Solver.Schedule, settings.Solver.Epochs, state.Progress.IterationsPerEpoch);
        _loader = loader;
        _checkpoints = checkpoints;
        _log = log;
        _hints = hints;
        _epochTasks = epochTasks;
        _onStep = onStep;
        _clock = clock;
        _pace = new RankPace(_method.Collectives, clock);
        _window = new MetricWindow(settings.Log.IntervalIterations);
        _remaining = new RemainingTime(
            clock, state.Progress.Iterations, (long)settings.Solver.Epochs * state.Progress.IterationsPerEpoch);
    }

    /// <summary>Trains.</summary>
    /// <param name="stop">Looked at in every step; one rank that is asked to stop stops all.</param>
    /// <exception cref="TrainingDivergedException">A loss or gradient is not finite.</exception>
    /// <exception cref="CollectiveException">Another rank diverged, or was lost.</exception>
    /// <exception cref="Data.DatasetException">An image is damaged, or too many are.</exception>
    public RunOutcome Run(StopRequest stop)
    {
        long started = Begin();
        while (_loader.Next() is { } batch)
        {
            using (batch)
            {
                ReportDamage(batch);
                TrainStep(batch, started, stop);
            }

            // One rank need not ask the others: what came after the exchange counts at once.
            _stopAgreed |= _method.Collectives.WorldSize == 1 && stop.Reason is not null;
            if (_state.Progress.IsEpochEnd)
                EndEpoch();
            else if (_stopAgreed || IsDue(_settings.Checkpoint.IntervalIterations, _state.Progress.Iterations))
                Save(_checkpoints.IterationPath(_state.Progress.Iterations));

            if (_stopAgreed)
            {
                _log.Note(LogLevel.Warning, $"Stopped on request ({stop.Reason ?? "on another rank"}); "
                    + "a checkpoint is saved. The same command resumes.");
                return RunOutcome.Interrupted;
            }

            started = Begin();
        }

        return RunOutcome.Finished;
    }

    private long Begin()
    {
        _pace.Begin();
        return _clock.GetTimestamp();
    }

    private void TrainStep(Batch batch, long started, StopRequest stop)
    {
        using var scope = NewDisposeScope();
        long iteration = _state.Progress.Iterations;
        SetRates(iteration);
        bool isLogPoint = TrainingLog.IsDue(_state.Progress.IterationsInEpoch + 1,
            _state.Progress.IterationsPerEpoch, _settings.Log.IntervalIterations);

        // P-116: the update closes the interval that the global iteration counter defines.
        bool closes = IsDue(_settings.Solver.UpdateInterval, iteration + 1);
        SegmentedBackward? segments = closes ? _method.Gradients.NewSegments() : null;
        StepResult result = _method.Step(
            OnDevice(batch), new StepContext(iteration) { Figures = isLogPoint, Segments = segments });
        using (Tensor share = result.Total.Over(_settings.Solver.UpdateInterval))
            _method.Gradients.Backward(share, segments, average: closes);

        Update(result, batch, closes, stop);
        _state.Progress = _state.Progress with { Iterations = iteration + 1 };

        _onStep?.Invoke(new StepProgress(
            (int)(iteration / _state.Progress.IterationsPerEpoch) + 1,
            _settings.Solver.Epochs,
            (int)(iteration % _state.Progress.IterationsPerEpoch) + 1,
            _state.Progress.IterationsPerEpoch,
            _remaining.After(iteration + 1)));
        _pace.End();
        _window.Add("time", _clock.GetElapsedTime(started).TotalSeconds);
        _window.Add("data_time", batch.Waited.TotalSeconds);
        if (isLogPoint)
            Log(result, batch.Count);
    }

    private void Update(StepResult result, Batch batch, bool closes, StopRequest stop)
    {
        using Tensor norm = _method.Parameters.GradientNorm();
        Agree(result, norm, batch, stop);
        _state.HasPendingGradients = !closes;
        if (!closes)
        {
            // With several ranks a stop waits for the update: saving averages their shares, which rounds.
            _stopAgreed &= _method.Collectives.WorldSize == 1;
            return;
        }

        if (_settings.Solver.GradientClip is { } maximum)
            _method.Parameters.ClipGradients(norm, maximum);

        _state.Optimizer.Step();
        _method.Parameters.ZeroGradients();
    }

    // Nothing is updated before all terms of all ranks are known to be finite (R11).
    private void Agree(StepResult result, Tensor norm, Batch batch, StopRequest stop)
    {
        var numbers = StepNumbers.Exchange(
            _method.Collectives,
            [.. result.Losses.Select(l => (l.Name, l.Value)), (StepNumbers.GradientNorm, norm)],
            stop.Reason is null ? 0 : 1);
        foreach (var (name, _) in result.Losses)
            _window.Add(name, numbers.Mean(name), batch.Count);

        _stopAgreed = numbers.MaxOf(0) > 0;
        if (numbers.FirstNonFinite is { } number)
            Diverge(number, batch);
    }

    // The rank with the number tells; the others end when its file is complete.
    private void Diverge(NonFiniteNumber number, Batch batch)
    {
        string step = $"Step {_state.Progress.Iterations + 1} (epoch {_state.Progress.Epochs + 1}, iteration "
            + $"{_state.Progress.IterationsInEpoch + 1})";
        string? dump = number.Rank != _method.Collectives.Rank ? null : DivergenceDump.Write(
            _checkpoints.FolderPath, _state.Progress.Iterations + 1, _state.ToMap(), batch.ToMap());
        _method.Collectives.Barrier();
        if (dump is null)
            throw new CollectiveException($"{step}: {number.Name} is {number.Value} on rank {number.Rank}.");

        throw new TrainingDivergedException(
            $"{step}: {number.Name} is {number.Value}, expected a finite number. The weights were not updated; "
            + $"state and batch are in {dump}. Its images: {string.Join(", ", batch.Names().Take(4))}"
            + (batch.Count > 4 ? " …" : "")
            + ". Lower SOLVER.BASE_LR, add a warm-up, or resume from the last checkpoint.");
    }

    private PretrainingBatch OnDevice(Batch batch)
    {
        Device device = _method.Placement.Device;
        ScalarType type = _method.Placement.Type;
        return new PretrainingBatch(batch.Images.to(type, device), batch.Labels?.to(device));
    }

    private void SetRates(long iteration)
    {
        for (int i = 0; i < _state.BaseRates.Count; i++)
            _state.Optimizer.Groups[i].LearningRate = _schedule.Rate(_state.BaseRates[i], iteration);
    }

    private void EndEpoch()
    {
        int epoch = _state.Progress.Epochs;
        _window.Clear();
        if (_stopAgreed || IsDue(_settings.Checkpoint.IntervalEpochs, epoch) || epoch == _settings.Solver.Epochs)
            Save(_checkpoints.EpochPath(epoch));

        foreach (IEpochTask task in _epochTasks.Where(t => !_stopAgreed && t.IsDue(epoch)))
            Evaluate(task, epoch);
    }

    // All ranks would measure the same.
    private void Evaluate(IEpochTask task, int epoch) => _method.Collectives.OnFirst(
        () => _log.WriteEvaluation(_state.Progress.Iterations, epoch, task.Measure(_method)));

    // Every rank holds the same state; the first one writes it (P-130).
    private void Save(string path)
    {
        // The file holds one share of an unfinished interval: all ranks go on with the mean, resumed or not.
        if (_state.HasPendingGradients)
            _method.Gradients.Average();

        _state.RequireEqualRanks();
        _method.Collectives.OnFirst(() =>
        {
            Directory.CreateDirectory(_checkpoints.FolderPath);
            _state.Save(path);
            _checkpoints.PointLatestTo(path);
            _checkpoints.Prune(_settings.Checkpoint.KeepLast);
        });
    }

    private void Log(StepResult result, int batchCount)
    {
        double seconds = _window.Mean("time");
        double waiting = _window.Mean("data_time");
        var losses = new List<LogFigure>(result.Losses.Select(l => new LogFigure(l.Name, _window.Mean(l.Name))));
        var extras = new List<LogFigure>(
            result.Figures.Select(f => new LogFigure(f.Name, f.Value.to(float64).cpu().item<double>())))
        {
            new("images_per_second", batchCount * _method.Collectives.WorldSize / seconds),
            new("data_wait", waiting / seconds),
        };

        var point = new LogPoint
        {
            Epoch = ((int)(_state.Progress.Iterations - 1) / _state.Progress.IterationsPerEpoch) + 1,
            Iteration = (int)((_state.Progress.Iterations - 1) % _state.Progress.IterationsPerEpoch) + 1,
            IterationsPerEpoch = _state.Progress.IterationsPerEpoch,
            CompletedIterations = _state.Progress.Iterations,
            LearningRate = _state.Optimizer.Groups[0].LearningRate,
            Momentum = _state.Optimizer.Groups[0].Momentum,
            Remaining = _remaining.After(_state.Progress.Iterations),
            StepSeconds = seconds,
            DataSeconds = waiting,
            MemoryMebibytes = ProcessMemory.Read().PeakMebibytes,
            Losses = losses,
            Extras = extras,
        };
        _log.Write(point);
        if (_pace.Compare() is { } slow)
            _log.Note(LogLevel.Warning, slow);
        foreach (Hint hint in _hints.After(HintFiguresOf(point)))
            _log.Note(hint.Level, hint.Message);
    }

    private static HintFigures HintFiguresOf(LogPoint point) => new(point.CompletedIterations)
    {
        // MoCo's only term is not weighted; DenseCL reports its terms unweighted among the further figures.
        ContrastiveLosses = [.. point.Losses.Where(f => f.Name == "loss_contra")
            .Concat(point.Extras.Where(f => f.Name.StartsWith("raw_loss_", StringComparison.Ordinal)))
            .Select(f => (f.Name, f.Value))],
        EmbeddingSpread = point.Extras.Where(f => f.Name.StartsWith("spread", StringComparison.Ordinal))
            .Select(f => (double?)f.Value).Min(),
        StepSeconds = point.StepSeconds,
        DataSeconds = point.DataSeconds,
    };

    private void ReportDamage(Batch batch)
    {
        foreach (DamagedImage image in batch.NewlyDamaged)
            _log.Note(LogLevel.Warning, $"Skipped a damaged image: {image.Reason}");
    }

    private static bool IsDue(long interval, long count) => interval > 0 && count % interval == 0;
}
