using Dense.Training.Logging;

namespace Dense.Cli.Progress;

/// <summary>
/// Shows a training on standard error: on a terminal one line that is rewritten after each step, elsewhere the plain
/// lines
/// of the text log. Messages appear above the live line.
/// </summary>
internal sealed class TerminalLog : ILogSink
{
    private readonly TextWriter _output;
    private readonly LiveLine _line;
    private LogPoint? _point;

    /// <summary>Creates the display.</summary>
    /// <param name="output">Where it appears.</param>
    /// <param name="width">Columns of the terminal, asked for each time; null when the output is no terminal.</param>
    /// <param name="clock">Limits how often the line is rewritten.</param>
    public TerminalLog(TextWriter output, Func<int>? width, TimeProvider clock)
        : this(output, new LiveLine(output, width, clock))
    {
    }

    private TerminalLog(TextWriter output, LiveLine line) => (_output, _line) = (output, line);

    /// <summary>The display for standard error as it is.</summary>
    public static TerminalLog ForStandardError() => new(Console.Error, LiveLine.OnStandardError());

    /// <summary>Shows a step on the live line, at most ten times a second.</summary>
    public void Step(StepProgress progress) => _line.Show(width => ProgressText.Of(progress, _point, width));

    /// <summary>Does nothing: what is known before the first step stands in the log file.</summary>
    public void Begin(RunDescription run)
    {
    }

    /// <inheritdoc/>
    public void Write(LogPoint point)
    {
        _point = point;
        if (!_line.IsLive)
            _output.WriteLine(TextLog.LineOf(point));
    }

    /// <inheritdoc/>
    public void WriteEvaluation(long completedIterations, int epoch, IReadOnlyList<LogFigure> figures) =>
        _line.WriteAbove(
            $"evaluation after epoch {epoch}: " + string.Join(", ", figures.Select(f => $"{f.Name} {f.Value:F4}")));

    /// <inheritdoc/>
    public void Note(LogLevel level, string message) => _line.WriteAbove(LevelText.Of(level, message));

    /// <summary>Leaves the last state of the line on the screen and moves below it.</summary>
    public void Dispose() => _line.End();
}
