using Dense.Training.Logging;

namespace Dense.Cli;

/// <summary>Shows a training on the terminal: one line per log point.</summary>
internal sealed class TerminalLog(TextWriter writer) : ILogSink
{
    public void Begin(RunDescription run) => writer.WriteLine(run.Environment);

    public void Write(LogPoint point) => writer.WriteLine(TextLog.LineOf(point));

    public void WriteEvaluation(long completedIterations, int epoch, IReadOnlyList<LogFigure> figures) =>
        writer.WriteLine($"Epoch {epoch}: {string.Join(", ", figures.Select(f => $"{f.Name} {f.Value:F2}"))}");

    public void Note(LogLevel level, string message) =>
        writer.WriteLine(level == LogLevel.Info ? message : $"{level.ToString().ToUpperInvariant()}: {message}");

    public void Dispose()
    {
    }
}
