using System.Text;
using Dense.Training.Logging;

namespace Dense.Cli.Progress;

/// <summary>The progress of training in one line of text.</summary>
internal static class ProgressText
{
    private const int BarWidth = 20;

    /// <summary>
    /// A line such as
    /// <c>epoch 3/800 [#####---------------] 120/462  eta 3 days, 21:37:36  35.1 img/s  loss 8.6800</c>, with what
    /// matters
    /// most on the left.
    /// </summary>
    /// <param name="step">How far training has come.</param>
    /// <param name="point">The last log point; null before the first.</param>
    /// <param name="width">Columns of the terminal: what does not fit is left out, whole figures at a time.</param>
    public static string Of(StepProgress step, LogPoint? point, int width)
    {
        var line = new StringBuilder();
        foreach (string part in Parts(step, point))
        {
            if (line.Length > 0 && line.Length + 2 + part.Length > width)
                break;

            line.Append(line.Length > 0 ? "  " : "").Append(part);
        }

        return line.Length <= width ? line.ToString() : line.ToString(0, width);
    }

    private static IEnumerable<string> Parts(StepProgress step, LogPoint? point)
    {
        yield return $"epoch {step.Epoch}/{step.Epochs} {Bar(step)} {step.Iteration}/{step.IterationsPerEpoch}";
        if (step.Remaining is { } remaining)
            yield return $"eta {DurationText.Of(remaining)}";
        if (point is null)
            yield break;

        foreach (LogFigure rate in point.Extras.Where(f => f.Name == "images_per_second"))
            yield return $"{rate.Value:F1} img/s";

        // The total first: it is what is watched when the line is too narrow for all terms.
        foreach (LogFigure loss in point.Losses.TakeLast(1).Concat(point.Losses.SkipLast(1)))
            yield return $"{loss.Name} {loss.Value:F4}";

        yield return $"lr {point.LearningRate:0.00e+00}";
        if (point.StepSeconds > 0)
            yield return $"data {100 * point.DataSeconds / point.StepSeconds:F0}%";

        yield return $"{point.MemoryMebibytes:F0} MiB";
    }

    private static string Bar(StepProgress step)
    {
        int done = (int)((long)BarWidth * step.Iteration / Math.Max(step.IterationsPerEpoch, 1));
        done = Math.Clamp(done, 0, BarWidth);
        return $"[{new string('#', done)}{new string('-', BarWidth - done)}]";
    }
}
