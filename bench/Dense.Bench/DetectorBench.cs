using Dense.Detection;
using Dense.Training.Detection.Settings;
using static TorchSharp.torch;

namespace Dense.Bench;

/// <summary>
/// Inference and training step of a detector at full size, in both memory layouts: seconds, and the share of the rate
/// of matrix products that the same run reaches.
/// </summary>
internal static class DetectorBench
{
    private const int Rounds = 3;

    /// <summary>The size of COCO's images as the configurations enlarge them, or that of DENSE_BENCH_IMAGE, such as
    /// <c>320x480</c> for a quick look.</summary>
    public static (int Height, int Width) Size { get; } =
        (Environment.GetEnvironmentVariable("DENSE_BENCH_IMAGE") ?? "800x1333").Split('x') is [var height, var width]
            ? (int.Parse(height), int.Parse(width))
            : throw new InvalidOperationException("DENSE_BENCH_IMAGE is HEIGHTxWIDTH, such as 320x480.");

    /// <summary>Measures both layouts and the peer alternately.</summary>
    /// <param name="name">The detector's name.</param>
    /// <param name="config">Its configuration, relative to the repository.</param>
    /// <param name="truth">What is to be found on the image.</param>
    /// <param name="peer">A script that answers <c>inference rows</c>, <c>training last</c> and so on.</param>
    public static IEnumerable<BenchResult> Run(string name, string config, GroundTruth truth, string? peer)
    {
        set_num_threads(1);
        DetectionRunSettings settings =
            DetectionConfiguration.Load(Path.Combine(RepositoryFolder.Root ?? "", config), []).Settings;
        using PeerSession? session = peer is null ? null : PeerSession.Start(peer, $"{Size.Height}", $"{Size.Width}");
        using var rows = new DetectorSubject(settings, Image(truth), channelsLast: false);
        using var last = new DetectorSubject(settings, Image(truth), channelsLast: true);
        (double inference, double training) = rows.CountGigaflops();
        Figure[] figures =
        [
            new("inference", "rows", inference, rows.Infer),
            new("inference", "last", inference, last.Infer),
            new("training", "rows", training, rows.Step),
            new("training", "last", training, last.Step),
        ];
        List<double> rates = [];
        for (int round = 0; round < Rounds; round++)
        {
            foreach (Figure figure in figures)
            {
                rates.Add(MatrixProductRate.Gigaflops(ScalarType.Float32));
                figure.Measure(session);
            }
        }

        return [.. figures.Select(f => f.Row(name, CpuClock.Median(rates)))];
    }

    private static InputImage Image(GroundTruth truth)
    {
        byte[] pixels = new byte[3 * Size.Height * Size.Width];
        new Random(1).NextBytes(pixels);
        return new InputImage
        {
            Pixels = pixels,
            Height = Size.Height,
            Width = Size.Width,
            OriginalHeight = Size.Height,
            OriginalWidth = Size.Width,
            GroundTruth = truth,
        };
    }

    private sealed class Figure(string work, string layout, double gigaflops, Action action)
    {
        private readonly List<double> _ours = [];
        private readonly List<double> _peer = [];

        public void Measure(PeerSession? session)
        {
            _ours.Add(CpuClock.Seconds(action));
            if (session?.Seconds($"{work} {layout}") is { } seconds)
                _peer.Add(seconds);
            Console.Error.WriteLine($"  {work} {layout}: {_ours[^1]:F2} s, peer {_peer.LastOrDefault():F2} s");
        }

        public BenchResult Row(string name, double rate)
        {
            double time = CpuClock.Median(_ours);
            return new BenchResult(
                $"{name} {work}, {(layout == "rows" ? "rows" : "channels last")}",
                $"{time:F2} s, {gigaflops / time / rate:P0} of the {rate:F0} GFLOP/s of products",
                _peer.Count == 0 ? "" : $"PyTorch {CpuClock.Median(_peer):F2} s",
                _peer.Count == 0 ? "" : $"{CpuClock.Median(_peer) / time:F2}x",
                $"ResNet-50, one image of {Size.Height}×{Size.Width}, {gigaflops:F0} GFLOP, 1 thread, CPU time, "
                    + $"median of {Rounds} alternating rounds");
        }
    }
}
