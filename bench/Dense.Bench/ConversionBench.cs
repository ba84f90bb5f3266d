using System.Diagnostics;

namespace Dense.Bench;

/// <summary>
/// <c>densecl convert backbone.pth backbone.pkl</c> as a whole process, verification and SHA-256 included, against a
/// Python script that only renames and pickles. Build src/Dense.Cli first.
/// </summary>
internal static class ConversionBench
{
    private const int Rounds = 9;

    /// <summary>Measures alternately, ours and the peer's.</summary>
    public static IEnumerable<BenchResult> Run()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("densecl-bench-");
        try
        {
            string input = Path.Combine(folder.FullName, "backbone.pth"),
                output = Path.Combine(folder.FullName, "backbone.pkl");
            CheckpointSamples.WriteBackbone(input);
            List<double> ours = [], peer = [];
            for (int round = 0; round < Rounds; round++)
            {
                Time(ours, () => Peer.Start(RepositoryFolder.Program, ["convert", input, output]));
                Time(peer, () => Peer.Run("convert.py", input, Path.Combine(folder.FullName, "peer.pkl")));
            }

            string conditions = $"ResNet-50, {new FileInfo(input).Length / 1e6:F0} MB, start of the process " +
                $"included, wall time, median of {Rounds} alternating rounds";
            string own = ours.Count == 0 ? "not built" : $"{CpuClock.Median(ours):F2} s (best {ours.Min():F2} s)";
            return peer.Count == 0 || ours.Count == 0
                ? [new BenchResult("convert a backbone to .pkl", own, "PyTorch: not installed", "", conditions)]
                :
                [
                    new BenchResult(
                        "convert a backbone to .pkl",
                        own,
                        $"Python {CpuClock.Median(peer):F2} s (best {peer.Min():F2} s)",
                        $"{CpuClock.Median(peer) / CpuClock.Median(ours):F1}x",
                        conditions),
                ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Time(List<double> times, Func<string?> run)
    {
        long start = Stopwatch.GetTimestamp();
        if (run() is not null)
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
