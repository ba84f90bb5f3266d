using Dense.Training.Logging;
using Dense.Training.Logging.TensorBoard;

namespace Dense.Training.Detection.Logging;

/// <summary>
/// All logs of a detection run: <c>log.txt</c>, <c>metrics.json</c>, TensorBoard and the screen (E-25, E-156 to E-167).
/// Ranks other than the first have a text file only.
/// </summary>
public sealed class DetectionLog : IDisposable
{
    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(120);

    private readonly DetectionTextLog _text;
    private readonly MetricsJsonLog? _metrics;
    private readonly IRunScreen? _screen;
    private readonly TimeProvider _clock;
    private readonly string _folder;
    private EventFileWriter? _events;
    private long _eventsWritten = -1, _flushed, _lastLine = -1;
    private (long Iteration, long Time)? _lastPoint;

    /// <summary>Opens the logs.</summary>
    /// <param name="folder">OUTPUT_DIR; created when absent.</param>
    /// <param name="rank">This process.</param>
    /// <param name="screen">Where the first rank shows its messages.</param>
    /// <param name="clock">Dates and measures.</param>
    /// <param name="bareNan">See <see cref="MetricsJsonLog"/>.</param>
    /// <exception cref="IOException">A file cannot be opened for writing.</exception>
    public DetectionLog(string folder, int rank, IRunScreen? screen, TimeProvider clock, bool bareNan = false)
    {
        _folder = folder;
        _clock = clock;
        _text = new DetectionTextLog(folder, rank, clock);
        if (rank != 0)
            return;

        _screen = screen;
        _metrics = new MetricsJsonLog(folder, bareNan);
    }

    /// <summary>The figures of the run.</summary>
    public ScalarStore Scalars { get; } = new();

    /// <summary>Takes down a message.</summary>
    public void Note(LogLevel level, string message, string source = LogSource.SetUp)
    {
        _text.Write(level, source, message);
        _screen?.Note(level, message);
    }

    /// <summary>Takes down a message that asks for nothing.</summary>
    public void Info(string message, string source = LogSource.SetUp) => Note(LogLevel.Info, message, source);

    /// <summary>Takes down a message that deserves a look.</summary>
    public void Warn(string message, string source = LogSource.SetUp) => Note(LogLevel.Warning, message, source);

    /// <summary>Takes down what the screen does not show: long tables, errors that end the program.</summary>
    public void Detail(string message, string source = LogSource.SetUp, LogLevel level = LogLevel.Info) =>
        _text.Write(level, source, message);

    /// <summary>Takes down a result; it goes to the text file and, as a result, to the screen.</summary>
    public void Result(string text, string source = LogSource.Evaluation)
    {
        _text.Write(LogLevel.Info, source, text);
        _screen?.Result(text);
    }

    /// <summary>Shows how far the run has come.</summary>
    public void Progress(RunProgress progress) => _screen?.Progress(progress);

    /// <summary>Expected time to the end: the median of the last 1000 step times by the steps left (E-161).</summary>
    /// <param name="iteration">The last finished step, from 0.</param>
    /// <param name="maxIterations">All steps.</param>
    public TimeSpan? Remaining(long iteration, long maxIterations)
    {
        if (Scalars.Find("time") is { } time)
            return TimeSpan.FromSeconds(time.Median(1000) * (maxIterations - iteration - 1));

        return _lastPoint is { } last && iteration > last.Iteration
            ? _clock.GetElapsedTime(last.Time) / (iteration - last.Iteration) * (maxIterations - iteration - 1)
            : null;
    }

    /// <summary>Writes what is new to all logs (E-159, E-163, E-167).</summary>
    /// <param name="iteration">The last finished step, from 0; <paramref name="maxIterations"/> after the last
    /// evaluation.</param>
    /// <param name="maxIterations">All steps.</param>
    /// <param name="deviceBytes">Peak bytes of tensors on the CUDA device; null without one.</param>
    public void WriteMetrics(long iteration, long maxIterations, long? deviceBytes)
    {
        if (_metrics is null)
            return;

        if (iteration < maxIterations && iteration != _lastLine)
        {
            TimeSpan? remaining = Remaining(iteration, maxIterations);
            if (Scalars.Find("time") is not null)
                Scalars.Put("eta_seconds", remaining!.Value.TotalSeconds, iteration, smooth: false);

            Info(ProgressLine.Of(Scalars, iteration, remaining, deviceBytes), LogSource.Events);
            _lastPoint = (iteration, _clock.GetTimestamp());
            _lastLine = iteration;
        }

        _metrics.Write(Scalars);
        WriteEvents();
    }

    /// <summary>Adds a picture to TensorBoard; does nothing on ranks other than the first.</summary>
    /// <param name="tag">Its name.</param>
    /// <param name="png">The PNG file.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="iteration">When.</param>
    public void AddPicture(string tag, ReadOnlySpan<byte> png, int width, int height, long iteration)
    {
        if (_metrics is not null)
            Events().AddImage(tag, png, width, height, channels: 3, iteration);
    }

    /// <summary>Makes everything written so far survive a power failure.</summary>
    public void Flush()
    {
        _events?.Flush();
        _flushed = _clock.GetTimestamp();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _events?.Dispose();
        _metrics?.Dispose();
        _text.Dispose();
    }

    private void WriteEvents()
    {
        foreach (var (name, value, iteration) in Scalars.Newer(_eventsWritten).ToList())
        {
            Events().AddScalar(name, value, iteration);
            _eventsWritten = Math.Max(_eventsWritten, iteration);
        }

        if (_clock.GetElapsedTime(_flushed) >= FlushInterval)
            Flush();
    }

    // Created with the first value (E-165): a run that fails earlier leaves no empty file.
    private EventFileWriter Events()
    {
        if (_events is null)
            (_events, _flushed) = (new EventFileWriter(_folder, _clock), _clock.GetTimestamp());

        return _events;
    }
}
