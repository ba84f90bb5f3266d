using System.Globalization;
using System.Text;

namespace Dense.Training.Logging;

/// <summary>The log for people: <c>&lt;run-id&gt;.log</c>, one line per log point in the form of P-137.</summary>
public sealed class TextLog : ILogSink
{
    private readonly StreamWriter _writer;
    private readonly TimeProvider _clock;

    /// <summary>Opens the file; what it holds already is kept.</summary>
    /// <exception cref="IOException">The file cannot be opened for writing.</exception>
    public TextLog(string folder, RunId run, TimeProvider clock)
    {
        _clock = clock;
        Directory.CreateDirectory(folder);
        _writer = LogFile.Append(Path.Combine(folder, $"{run}.log"));
    }

    /// <inheritdoc/>
    public void Begin(RunDescription run)
    {
        Note(LogLevel.Info, $"Environment:\n{run.Environment}");
        Note(LogLevel.Info, $"Configuration: {run.Configuration}");
        Note(LogLevel.Info, $"Seed: {run.Seed}");
    }

    /// <inheritdoc/>
    public void Write(LogPoint point) => Note(LogLevel.Info, LineOf(point));

    /// <inheritdoc/>
    public void WriteEvaluation(long completedIterations, int epoch, IReadOnlyList<LogFigure> figures)
    {
        var line = new StringBuilder($"Epoch(val) [{epoch}]\t");
        Append(line, figures);
        Note(LogLevel.Info, line.ToString());
    }

    /// <inheritdoc/>
    public void Note(LogLevel level, string message)
    {
        string time = _clock.GetLocalNow().ToString("yyyy-MM-dd HH:mm:ss,fff", CultureInfo.InvariantCulture);
        _writer.WriteLine($"{time} - densecl - {NameOf(level)} - {message}");
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    /// <summary>The line without its time, such as
    /// <c>Epoch [1][50/462]&#9;lr: 3.000e-01, eta: 3 days, 21:37:36, time: 0.912, …, loss: 8.6800</c>.</summary>
    public static string LineOf(LogPoint point)
    {
        var line = new StringBuilder();
        line.Append($"Epoch [{point.Epoch}][{point.Iteration}/{point.IterationsPerEpoch}]\t");
        line.Append($"lr: {Scientific(point.LearningRate)}, ");
        if (point.Remaining is { } remaining)
            line.Append($"eta: {DurationText.Of(remaining)}, ");

        line.Append($"time: {point.StepSeconds:F3}, data_time: {point.DataSeconds:F3}, ");
        line.Append($"memory: {point.MemoryMebibytes:F0}, ");
        Append(line, [.. point.Losses, .. point.Extras]);
        return line.ToString();
    }

    private static void Append(StringBuilder line, IReadOnlyList<LogFigure> figures) =>
        line.AppendJoin(", ", figures.Select(f => $"{f.Name}: {f.Value:F4}"));

    // Three decimals and at least two digits of exponent.
    private static string Scientific(double value) => value.ToString("0.000e+00", CultureInfo.InvariantCulture);

    /// <summary>How text logs call a level.</summary>
    internal static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Info => "INFO",
        LogLevel.Warning => "WARNING",
        _ => "ERROR",
    };
}
