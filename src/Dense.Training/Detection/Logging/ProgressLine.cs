using System.Globalization;
using System.Text;
using Dense.Training.Logging;

namespace Dense.Training.Detection.Logging;

/// <summary>The line that detectron2 logs every 20 iterations, and that plotting scripts parse (E-159).</summary>
public static class ProgressLine
{
    /// <summary>The figure that holds the most memory, in MiB, that the process ever occupied. Not called
    /// <c>max_mem</c>, which is CUDA's.</summary>
    public const string PeakMemory = "peak_rss";

    /// <summary>Such as <c> eta: 0:00:00  iter: 19  total_loss: 1.84  loss_cls: 1.008 …</c></summary>
    /// <param name="scalars">The figures.</param>
    /// <param name="iteration">The last finished step, from 0.</param>
    /// <param name="remaining">Expected time to the end; null when unknown.</param>
    /// <param name="deviceBytes">Peak bytes of tensors on the CUDA device; null without one.</param>
    public static string Of(ScalarStore scalars, long iteration, TimeSpan? remaining, long? deviceBytes)
    {
        var line = new StringBuilder(" ");
        if (remaining is { } time)
            line.Append("eta: ").Append(DurationText.Of(time)).Append("  ");

        line.Append("iter: ").Append(iteration.ToString(CultureInfo.InvariantCulture)).Append("  ");
        line.AppendJoin("  ", Medians(scalars, n => n.Contains("loss"))).Append("  ");
        line.AppendJoin("  ", Medians(scalars, n => n.Contains("[metric]"))).Append("  ");
        if (scalars.Find("time") is { } step)
            line.Append($"time: {Seconds(step.Mean)}  last_time: {Seconds(step.Latest)}  ");
        if (scalars.Find("data_time") is { } data)
            line.Append(
                $"data_time: {Seconds(data.WindowMean(ScalarStore.Window))}  last_data_time: {Seconds(data.Latest)}  ");

        line.Append(" lr: ").Append(
            scalars.Find("lr") is { } rate ? SignificantDigits.Format(rate.Latest, 5) : "N/A").Append("  ");
        if (deviceBytes is { } bytes)
            line.Append(string.Create(CultureInfo.InvariantCulture, $"max_mem: {bytes / 1048576.0:F0}M"));
        else if (scalars.Find(PeakMemory) is { } memory)
            line.Append(string.Create(CultureInfo.InvariantCulture, $"{PeakMemory}: {memory.Latest:F0}M"));

        return line.ToString();
    }

    private static IEnumerable<string> Medians(ScalarStore scalars, Func<string, bool> selects) => scalars.Histories
        .Where(h => selects(h.Key))
        .Select(h => $"{h.Key}: {SignificantDigits.Format(h.Value.WindowMedian(ScalarStore.Window), 4)}");

    private static string Seconds(double value) => value.ToString("F4", CultureInfo.InvariantCulture);
}
