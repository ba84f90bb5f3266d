using System.Text;
using System.Text.Json;

namespace Dense.Training.Logging;

/// <summary>
/// The log for programs: <c>&lt;run-id&gt;.log.json</c>, one JSON object per line (P-138). The first describes the run;
/// each further one is a log point. Numbers are rounded to five decimals; one that is not finite is written as null,
/// because strict readers refuse anything else.
/// </summary>
public sealed class JsonLinesLog : ILogSink
{
    private readonly StreamWriter _writer;

    /// <summary>Opens the file; what it holds already is kept.</summary>
    /// <exception cref="IOException">The file cannot be opened for writing.</exception>
    public JsonLinesLog(string folder, RunId run)
    {
        Directory.CreateDirectory(folder);
        _writer = LogFile.Append(Path.Combine(folder, $"{run}.log.json"));
    }

    /// <inheritdoc/>
    public void Begin(RunDescription run) => WriteLine(json =>
    {
        json.WriteString("env_info", run.Environment);
        json.WriteNumber("seed", run.Seed);
        json.WriteString("config", run.Configuration);
    });

    /// <inheritdoc/>
    public void Write(LogPoint point) => WriteLine(json =>
    {
        json.WriteString("mode", "train");
        json.WriteNumber("epoch", point.Epoch);
        json.WriteNumber("iter", point.Iteration);
        WriteFigure(json, "lr", point.LearningRate);
        WriteFigure(json, "time", point.StepSeconds);
        WriteFigure(json, "data_time", point.DataSeconds);
        json.WriteNumber("memory", (long)point.MemoryMebibytes);
        foreach (LogFigure figure in point.Losses.Concat(point.Extras))
            WriteFigure(json, figure.Name, figure.Value);
    });

    /// <inheritdoc/>
    public void WriteEvaluation(long completedIterations, int epoch, IReadOnlyList<LogFigure> figures) =>
        WriteLine(json =>
        {
            json.WriteString("mode", "val");
            json.WriteNumber("epoch", epoch);
            json.WriteNumber("iter", completedIterations);
            foreach (LogFigure figure in figures)
                WriteFigure(json, figure.Name, figure.Value);
        });

    /// <summary>Does nothing: sentences go to the text log.</summary>
    public void Note(LogLevel level, string message)
    {
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private static void WriteFigure(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, Math.Round(value, 5));
        else
            json.WriteNull(name);
    }

    private void WriteLine(Action<Utf8JsonWriter> fill)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            fill(json);
            json.WriteEndObject();
        }

        _writer.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }
}
