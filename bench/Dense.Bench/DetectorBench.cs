using Dense.Detection;
using Dense.Training.Detection.Settings;
using static TorchSharp.torch;

namespace Dense.Bench;

/// <summary>
/// Inference and training step of a detector at full size, in both memory layouts, and the step with two images:
/// seconds, and the share of the rate that one convolution reaches in the same run. That is no upper bound: a backward
/// pass, or a convolution of another shape, may be faster.
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
        using var rows = new DetectorSubject(settings, [Image(truth)], channelsLast: false);
        using var last = new DetectorSubject(settings, [Image(truth)], channelsLast: true);
        using var two = new DetectorSubject(settings, [Image(truth), Image(truth)], channelsLast: false);
        (double inference, double training) = rows.CountGigaflops();
        Figure[] figures =
        [
            new("inference", "rows", inference, rows.Infer, session),
            new("inference", "last", inference, last.Infer, session),
            new("training", "rows", training, rows.Step, session),
            new("training", "last", training, last.Step, session),
            new("training with two images", "rows", 2 * training, two.Step, peer: null),
        ];
        List<double> convolutions = [], products = [];
        for (int round = 0; round < Rounds; round++)
        {
            foreach (Figure figure in figures)
            {
                convolutions.Add(ConvolutionRate.Gigaflops());
                products.Add(MatrixProductRate.Gigaflops(ScalarType.Float32));
                figure.Measure();
            }
        }

        return [.. figures.Select(f => f.Row(name, CpuClock.Median(convolutions), CpuClock.Median(products)))];
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

    private sealed class Figure(string work, string layout, double gigaflops, Action action, PeerSession? peer)
    {
        private readonly List<double> _ours = [];
        private readonly List<double> _peer = [];

        public void Measure()
        {
            _ours.Add(CpuClock.Seconds(action));
            if (peer?.Seconds($"{work} {layout}") is { } seconds)
                _peer.Add(seconds);
            Console.Error.WriteLine($"  {work} {layout}: {_ours[^1]:F2} s, peer {_peer.LastOrDefault():F2} s");
        }

        public BenchResult Row(string name, double convolution, double product)
        {
            double time = CpuClock.Median(_ours);
            return new BenchResult(
                $"{name} {work}, {(layout == "rows" ? "rows" : "channels last")}",
                $"{time:F2} s, {gigaflops / time / convolution:P0} of a 3×3 convolution's {convolution:F0} GFLOP/s "
                    + $"(products {product:F0})",
                _peer.Count == 0 ? "" : $"PyTorch {CpuClock.Median(_peer):F2} s",
                _peer.Count == 0 ? "" : $"{CpuClock.Median(_peer) / time:F2}x",
                $"ResNet-50, images of {Size.Height}×{Size.Width}, {gigaflops:F0} GFLOP, 1 thread, CPU time, "
                    + $"median of {Rounds} alternating rounds");
        }
    }
}
