using Dense.Detection;
using Dense.Detection.Settings;
using Dense.Detection.SoloV2;
using Dense.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Bench;

/// <summary>
/// SOLOv2's losses and their gradients at the heads, against plain operators that keep every probability and copy a
/// mask per positive (KF-16, M-100 to M-105): time and memory.
/// </summary>
internal static class SoloLossBench
{
    private const int Rounds = 3;
    private const int Images = 2, Objects = 12, Height = 640, Width = 832;

    /// <summary>Measures alternately.</summary>
    public static IEnumerable<BenchResult> Run()
    {
        set_num_threads(1);
        using DisposeScope scope = NewDisposeScope();
        var settings = new SoloV2Settings();
        GroundTruth[] truths = [.. Enumerable.Range(0, Images).Select(Truth)];
        SoloTargets[] targets = [.. truths.Select(t => SoloTargets.Of(t, (Height, Width), settings))];
        var losses = new SoloLosses(settings, SingleProcess.Instance);
        using SoloPredictions heads = Heads(settings);

        void Ours()
        {
            using DisposeScope step = NewDisposeScope();
            losses.Compute(heads, targets, truths)[0].Value.backward();
        }

        void Peer()
        {
            using DisposeScope step = NewDisposeScope();
            Plain(heads, targets, truths).backward();
        }

        Ours(); // Creates the gradients.
        List<double> own = [], peer = [];
        for (int round = 0; round < Rounds; round++)
        {
            peer.Add(CpuClock.Seconds(Peer));
            own.Add(CpuClock.Seconds(Ours));
        }

        string conditions = $"{Images} images of {Height}x{Width}, {targets.Sum(t => t.Positives)} positives, D 256, "
            + $"forward and backward of the mask loss, 1 thread";
        double ours = CpuClock.Median(own), theirs = CpuClock.Median(peer);
        double memory = CpuClock.PeakMebibytes(Ours), peerMemory = CpuClock.PeakMebibytes(Peer);
        yield return new BenchResult(
            "SOLOv2 mask loss", $"{ours:F2} s", $"plain operators: {theirs:F2} s", $"{theirs / ours:F1}",
            $"{conditions}, CPU time, median of {Rounds} rounds");
        yield return new BenchResult(
            "SOLOv2 mask loss, memory", $"{memory:F0} MiB", $"plain operators: {peerMemory:F0} MiB",
            $"{peerMemory / memory:F1}", $"{conditions}, peak above what was resident");
    }

    private static Tensor Plain(SoloPredictions heads, SoloTargets[] targets, GroundTruth[] truths)
    {
        List<Tensor> dice = [];
        for (int n = 0; n < Images; n++)
        {
            Tensor feature = heads.MaskFeature[n].flatten(1);
            for (int level = 0; level < heads.Kernels.Count; level++)
            {
                SoloLevelTargets target = targets[n].Levels[level];
                if (target.Cells.Length == 0)
                    continue;

                Tensor cells = tensor(target.Cells.Select(c => (long)c).ToArray());
                Tensor p = heads.Kernels[level][n].flatten(1).index_select(1, cells).t().matmul(feature).sigmoid();
                Tensor t = stack(target.Objects.Select(k => tensor(truths[n].Masks![k].Quarter))).to(p.dtype);
                dice.Add(1 - 2 * (p * t).sum(1) / ((p * p).sum(1) + (t * t).sum(1) + 0.002));
            }
        }

        return 3 * cat(dice).mean();
    }

    private static GroundTruth Truth(int seed)
    {
        var random = new Random(seed);
        var boxes = new List<float>();
        var masks = new List<MaskTarget>();
        for (int k = 0; k < Objects; k++)
        {
            int side = random.Next(50, 400), x = random.Next(Width - side), y = random.Next(Height - side);
            byte[] quarter = new byte[Height / 4 * (Width / 4)];
            for (int row = y / 4; row < (y + side) / 4; row++)
                quarter.AsSpan(row * (Width / 4) + x / 4, side / 4).Fill(1);
            boxes.AddRange([x, y, x + side, y + side]);
            masks.Add(new MaskTarget(
                (long)side * side, x + side / 2f, y + side / 2f, Height / 4, Width / 4, quarter));
        }

        return new GroundTruth([.. boxes], new int[Objects], masks);
    }

    private static SoloPredictions Heads(SoloV2Settings settings) => new(
        [.. settings.Grids.Select(g => randn(Images, 80, g, g).requires_grad_())],
        [.. settings.Grids.Select(g => (0.05 * randn(Images, 256, g, g)).detach().requires_grad_())],
        rand(Images, 256, Height / 4, Width / 4).requires_grad_());
}
