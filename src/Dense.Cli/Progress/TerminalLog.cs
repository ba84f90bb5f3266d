using Dense.Training.Logging;

namespace Dense.Cli.Progress;

/// <summary>
/// Shows a training on standard error: on a terminal one line that is rewritten after each step, elsewhere the plain lines
/// of the text log. Messages appear above the live line.
/// </summary>
internal sealed class TerminalLog : ILogSink
{
    // Carriage return, and the sequence that clears the rest of the line.
    private const string ClearLine = "\r\x1b[K";

    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(100);

    private readonly TextWriter _output;
    private readonly Func<int>? _width;
    private readonly TimeProvider _clock;
    private long? _shown;
    private StepProgress? _current;
    private LogPoint? _point;

    /// <summary>Creates the display.</summary>
    /// <param name="output">Where it appears.</param>
    /// <param name="width">Columns of the terminal, asked for each time; null when the output is no terminal.</param>
    /// <param name="clock">Limits how often the line is rewritten.</param>
    public TerminalLog(TextWriter output, Func<int>? width, TimeProvider clock)
    {
        _output = output;
        _width = width;
        _clock = clock;
    }

    private bool IsLive => _width is not null;

    /// <summary>The display for standard error as it is.</summary>
    public static TerminalLog ForStandardError() => new(
        Console.Error,
        Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") == "dumb" ? null : TerminalWidth,
        TimeProvider.System);

    /// <summary>Shows a step on the live line, at most ten times a second.</summary>
    public void Step(StepProgress progress)
    {
        _current = progress;
        if (!IsLive || (_shown is { } last && _clock.GetElapsedTime(last) < RefreshInterval))
            return;

        _shown = _clock.GetTimestamp();
        Draw();
    }

    /// <summary>Does nothing: what is known before the first step stands in the log file.</summary>
    public void Begin(RunDescription run)
    {
    }

    /// <inheritdoc/>
    public void Write(LogPoint point)
    {
        _point = point;
        if (!IsLive)
            _output.WriteLine(TextLog.LineOf(point));
    }

    /// <inheritdoc/>
    public void WriteEvaluation(long completedIterations, int epoch, IReadOnlyList<LogFigure> figures) =>
        WriteAbove($"evaluation after epoch {epoch}: " + string.Join(", ", figures.Select(f => $"{f.Name} {f.Value:F4}")));

    /// <inheritdoc/>
    public void Note(LogLevel level, string message) => WriteAbove(level switch
    {
        LogLevel.Info => message,
        LogLevel.Warning => $"warning: {message}",
        _ => $"error: {message}",
    });

    /// <summary>Leaves the last state of the line on the screen and moves below it.</summary>
    public void Dispose()
    {
        if (!IsLive || _current is null)
            return;

        Draw();
        _output.WriteLine();
        _current = null;
    }

    private void WriteAbove(string message)
    {
        if (!IsLive || _current is null)
        {
            _output.WriteLine(message);
            return;
        }

        _output.Write(ClearLine);
        _output.WriteLine(message);
        Draw();
    }

    // One column stays free: a full line would wrap, and a carriage return does not come back over a wrapped line.
    private void Draw()
    {
        _output.Write(ClearLine + ProgressText.Of(_current!.Value, _point, Math.Max(_width!() - 1, 1)));
        _output.Flush();
    }

    private static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth is > 0 and int width ? width : 80;
        }
        catch (IOException)
        {
            return 80;
        }
    }
}
