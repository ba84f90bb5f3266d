using System.Diagnostics;
using System.Text.Json;
using Dense.Checkpoints;

namespace Dense.Bench;

/// <summary>
/// Reading a whole DenseCL training checkpoint of ResNet-50, checksums verified, against torch.load, which verifies
/// none.
/// </summary>
internal static class CheckpointReadBench
{
    private const string ReaderMark = "--read-checkpoint";
    private const int Rounds = 11;

    /// <summary>
    /// Measures alternately, ours and the peer's; each load in a process of its own, as a resumed run loads.
    /// </summary>
    public static IEnumerable<BenchResult> Run()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("densecl-bench-");
        try
        {
            string small = Path.Combine(folder.FullName, "small.pth"),
                large = Path.Combine(folder.FullName, "epoch_200.pth");
            CheckpointSamples.WriteBackbone(small, depth: 18);
            CheckpointSamples.WriteTraining(large);
            List<double[]> mapped = [], copied = [], peer = [];
            for (int round = 0; round < Rounds; round++)
            {
                Add(mapped, Peer.Start(Environment.ProcessPath!, [ReaderMark, "map", small, large]));
                Add(copied, Peer.Start(Environment.ProcessPath!, [ReaderMark, "copy", small, large]));
                Add(peer, Peer.Run("checkpoint_read.py", small, large));
            }

            string conditions = $"{new FileInfo(large).Length / 1e6:F0} MB in the file cache, one load per process " +
                $"after a small one, median of {Rounds} alternating rounds";
            return
            [
                Row("read a checkpoint mapped, wall time", 0, mapped, peer, conditions),
                Row("read a checkpoint mapped, CPU time", 1, mapped, peer, conditions),
                Row("read a checkpoint copied, wall time", 0, copied, peer, conditions),
                Row("read a checkpoint copied, CPU time", 1, copied, peer, conditions),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>
    /// Whether this process is the reader that <see cref="Run"/> starts; if so, it has read and printed its times.
    /// </summary>
    public static bool RunAsReader(string[] arguments)
    {
        if (arguments is not [ReaderMark, var way, var small, var large])
            return false;

        var options = new CheckpointReadOptions { MapFile = way == "map" };
        CheckpointFile.Read(small, options).Dispose();
        long start = Stopwatch.GetTimestamp();
        double cpu = CpuClock.Seconds(() => GC.KeepAlive(CheckpointFile.Read(large, options)));
        Console.WriteLine(JsonSerializer.Serialize(new[] { Stopwatch.GetElapsedTime(start).TotalSeconds, cpu }));
        return true;
    }

    private static void Add(List<double[]> times, string? json)
    {
        if (json is not null)
            times.Add(JsonSerializer.Deserialize<double[]>(json)!);
    }

    private static BenchResult Row(string what, int column, List<double[]> ours, List<double[]> peer, string conditions)
    {
        double own = Median(ours, column);
        return peer.Count == 0
            ? new BenchResult(what, $"{own * 1000:F0} ms", "PyTorch: not installed", "", conditions)
            : new BenchResult(
                what, $"{own * 1000:F0} ms", $"torch.load {Median(peer, column) * 1000:F0} ms",
                $"{Median(peer, column) / own:F1}x", conditions);
    }

    private static double Median(List<double[]> loads, int column) => CpuClock.Median(loads.Select(l => l[column]));
}
