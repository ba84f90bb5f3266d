using System.Diagnostics;
using Dense.Hub;

namespace Dense.Cli;

/// <summary>Shows a download: one line that is rewritten on a terminal, else a line every ten seconds.</summary>
internal sealed class DownloadReport(TextWriter output, bool terminal) : IProgress<DownloadProgress>
{
    private readonly TimeSpan _interval = terminal ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(10);
    private long _last = Stopwatch.GetTimestamp();
    private bool _open;

    public void Report(DownloadProgress value)
    {
        if (value.Event is not null)
        {
            End();
            output.WriteLine(value.Event);
            return;
        }

        bool done = value.Received == value.Total;
        if (!done && Stopwatch.GetElapsedTime(_last) < _interval)
            return;

        _last = Stopwatch.GetTimestamp();
        string line = Line(value);
        if (!terminal)
        {
            output.WriteLine(line);
            return;
        }

        output.Write($"\r{line,-70}");
        _open = true;
    }

    /// <summary>Leaves the line that is being rewritten.</summary>
    public void End()
    {
        if (_open)
            output.WriteLine();

        _open = false;
    }

    internal static string Line(DownloadProgress p)
    {
        string share = p.Total is { } total ? $" of {Megabytes(total)} MB ({100.0 * p.Received / total:F0} %)" : " MB";
        string left = p.Remaining is { } r ? $", {r.ToString(r.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss")} left" : "";
        return $"{Megabytes(p.Received)}{share}, {Megabytes(p.BytesPerSecond)} MB/s{left}";
    }

    private static string Megabytes(double bytes) => (bytes / 1e6).ToString("F1");
}
