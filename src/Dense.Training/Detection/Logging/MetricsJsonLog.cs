using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Dense.Training.Detection.Logging;

/// <summary>
/// <c>metrics.json</c>: a JSON object per line with the figures that are new at an iteration (E-163). A number that is
/// not finite is null, which every reader of JSON takes (E-171).
/// </summary>
public sealed class MetricsJsonLog : IDisposable
{
    private readonly FileStream _file;
    private readonly bool _bareNan;
    private long _written = -1;

    /// <summary>Opens the file; what it holds already is kept.</summary>
    /// <param name="folder">OUTPUT_DIR; created when absent.</param>
    /// <param name="bareNan">Write <c>NaN</c> instead of null, for tools that expect a number there (E-171).</param>
    /// <exception cref="IOException">The file cannot be opened for writing.</exception>
    public MetricsJsonLog(string folder, bool bareNan = false)
    {
        _bareNan = bareNan;
        Directory.CreateDirectory(folder);
        _file = new FileStream(
            Path.Combine(folder, "metrics.json"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite,
            bufferSize: 0);
    }

    /// <summary>Writes what is new since the last call, one line for each iteration, and flushes it to disk.</summary>
    public void Write(ScalarStore scalars)
    {
        var text = new StringBuilder();
        foreach (var line in scalars.Newer(_written).ToList().GroupBy(f => f.Iteration))
        {
            AppendLine(text, line.Key, line.Select(f => (f.Name, f.Value)));
            _written = Math.Max(_written, line.Key);
        }

        if (text.Length == 0)
            return;

        _file.Write(Encoding.UTF8.GetBytes(text.ToString()));
        _file.Flush(flushToDisk: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void AppendLine(StringBuilder text, long iteration, IEnumerable<(string Name, double Value)> figures)
    {
        var fields = figures.Select(f => (f.Name, Text: Number(f.Value)))
            .Append(("iteration", iteration.ToString(CultureInfo.InvariantCulture)))
            .OrderBy(f => f.Item1, StringComparer.Ordinal)
            .Select(f => $"\"{JsonEncodedText.Encode(f.Item1)}\": {f.Item2}");
        text.Append('{').AppendJoin(", ", fields).Append("}\n");
    }

    private string Number(double value)
    {
        if (!double.IsFinite(value))
            return !_bareNan ? "null" : double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";

        string digits = value.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
        return digits.AsSpan().IndexOfAny('.', 'e') < 0 ? digits + ".0" : digits;
    }
}
