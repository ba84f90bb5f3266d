using System.Runtime.InteropServices;

namespace Dense.Bench;

/// <summary>Measures on a machine that others use too: processor time of this process, medians, peak memory.</summary>
internal static class CpuClock
{
    /// <summary>Seconds of processor time that an action takes.</summary>
    public static double Seconds(Action action)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        action();
        return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    /// <summary>Seconds of processor time that the calling thread has used.</summary>
    public static double OwnThreadSeconds()
    {
        const int ThreadCpuTime = 3;
        _ = ReadClock(ThreadCpuTime, out Time time);
        return time.Seconds + time.Nanoseconds / 1e9;
    }

    /// <summary>The middle value.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    /// <summary>
    /// MiB by which an action raises the resident memory at its highest point, above what was resident before. Linux
    /// keeps the highest point per process and lets a process reset it.
    /// </summary>
    public static double PeakMebibytes(Action action)
    {
        _ = TrimHeap(0); // Freed memory that the heap still holds would hide as much of the peak.
        File.WriteAllText("/proc/self/clear_refs", "5");
        double before = ReadMebibytes("VmRSS:");
        action();
        return ReadMebibytes("VmHWM:") - before;
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int TrimHeap(nuint pad);

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int ReadClock(int clock, out Time time);

    private static double ReadMebibytes(string name)
    {
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line[name.Length..].Replace("kB", "")) / 1024;
    }

    private readonly record struct Time(long Seconds, long Nanoseconds);
}
