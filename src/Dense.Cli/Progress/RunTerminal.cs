using System.Text;
using Dense.Training.Detection.Logging;
using Dense.Training.Logging;

namespace Dense.Cli.Progress;

/// <summary>
/// Shows a detection run: messages and a live line on standard error, results on standard output.
/// </summary>
/// <param name="line">The live line.</param>
/// <param name="results">Where results go.</param>
internal sealed class RunTerminal(LiveLine line, TextWriter results) : IRunScreen, IDisposable
{
    private const int BarWidth = 20;

    /// <summary>The display for the console as it is.</summary>
    public static RunTerminal ForConsole() => new(LiveLine.OnStandardError(), Console.Out);

    /// <inheritdoc/>
    public void Note(LogLevel level, string message) => line.WriteAbove(LevelText.Of(level, message));

    /// <inheritdoc/>
    public void Result(string text) => line.WriteAbove(() =>
    {
        results.WriteLine(text);
        results.Flush();
    });

    /// <inheritdoc/>
    public void Progress(RunProgress progress) => line.Show(width => Text(progress, width));

    /// <inheritdoc/>
    public void Dispose() => line.End();

    /// <summary>
    /// A line such as <c>iter 120/90000 [###-----------------]  eta 1 day, 4:10:00  total_loss 1.84  img/s 1.60</c>;
    /// what
    /// does not fit is left out, whole figures at a time.
    /// </summary>
    internal static string Text(RunProgress progress, int width)
    {
        int done = progress.Total == 0 ? 0 : (int)(BarWidth * progress.Done / progress.Total);
        var text = new StringBuilder(
            $"{progress.Activity} {progress.Done}/{progress.Total} "
                + $"[{new string('#', done)}{new string('-', BarWidth - done)}]");
        IEnumerable<string> parts = progress.Figures.Select(f => $"{f.Name} {f.Value}");
        if (progress.Remaining is { } remaining)
            parts = parts.Prepend($"eta {DurationText.Of(remaining)}");

        foreach (string part in parts.TakeWhile(p => text.Length + 2 + p.Length <= width))
            text.Append("  ").Append(part);

        return text.Length <= width ? text.ToString() : text.ToString(0, width);
    }
}
