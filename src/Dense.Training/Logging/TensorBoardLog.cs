using Dense.Training.Logging.TensorBoard;

namespace Dense.Training.Logging;

/// <summary>
/// The log for TensorBoard, in <c>&lt;work folder&gt;/tf_logs</c> (P-139): <c>&lt;term&gt;/train</c>,
/// <c>&lt;figure&gt;/val</c>, <c>learning_rate</c> and <c>momentum</c> over the 0-based iteration.
/// </summary>
public sealed class TensorBoardLog : ILogSink
{
    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(120);

    private readonly EventFileWriter _events;
    private readonly TimeProvider _clock;
    private long _flushed;

    /// <summary>Creates a new event file.</summary>
    /// <exception cref="IOException">The file cannot be created.</exception>
    public TensorBoardLog(string workFolder, TimeProvider clock)
    {
        _clock = clock;
        _events = new EventFileWriter(Path.Combine(workFolder, "tf_logs"), clock);
        _flushed = clock.GetTimestamp();
    }

    /// <summary>The event file, for pictures.</summary>
    public EventFileWriter Events => _events;

    /// <summary>Does nothing: the event file holds figures only.</summary>
    public void Begin(RunDescription run)
    {
    }

    /// <inheritdoc/>
    public void Write(LogPoint point)
    {
        long step = point.CompletedIterations - 1;
        foreach (LogFigure figure in point.Losses.Concat(point.Extras))
            _events.AddScalar($"{figure.Name}/train", figure.Value, step);

        _events.AddScalar("learning_rate", point.LearningRate, step);
        if (point.Momentum is { } momentum)
            _events.AddScalar("momentum", momentum, step);

        _events.AddScalar("time/train", point.StepSeconds, step);
        _events.AddScalar("data_time/train", point.DataSeconds, step);
        FlushWhenDue();
    }

    /// <inheritdoc/>
    public void WriteEvaluation(long completedIterations, int epoch, IReadOnlyList<LogFigure> figures)
    {
        foreach (LogFigure figure in figures)
            _events.AddScalar($"{figure.Name}/val", figure.Value, completedIterations - 1);

        _events.Flush();
    }

    /// <summary>Does nothing: sentences go to the text log.</summary>
    public void Note(LogLevel level, string message)
    {
    }

    /// <inheritdoc/>
    public void Dispose() => _events.Dispose();

    private void FlushWhenDue()
    {
        if (_clock.GetElapsedTime(_flushed) < FlushInterval)
            return;

        _events.Flush();
        _flushed = _clock.GetTimestamp();
    }
}
