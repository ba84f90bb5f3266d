using Dense.Coco;
using Dense.Coco.Masks;
using Dense.Detection.Masks;
using Dense.Detection.Settings;
using Dense.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.SoloV2;

/// <summary>Turns what the heads say of an image into detections (M-106 to M-116).</summary>
/// <remarks>
/// The masks of candidates are computed in chunks, of which one bit per pixel is kept, and no more candidates than the
/// suppression takes (KF-18). Their probabilities are computed again for the few that become detections.
/// </remarks>
public sealed class SoloInference
{
    // Probabilities that exist at a time; 16 MB of float32.
    private const long ChunkElements = 1 << 22;

    // The mask feature has a quarter of the size of the padded batch (M-84).
    private const int MaskStride = 4;

    private readonly SoloV2Settings _settings;
    private readonly CompatibilitySettings _compatibility;

    /// <summary>Keeps the settings.</summary>
    public SoloInference(SoloV2Settings settings, CompatibilitySettings compatibility) =>
        (_settings, _compatibility) = (settings, compatibility);

    /// <summary>The detections in one image of a batch.</summary>
    /// <param name="predictions">What the heads say of the batch.</param>
    /// <param name="n">The image's place in the batch.</param>
    /// <param name="size">Its size before padding.</param>
    /// <param name="image">Its id and original size.</param>
    /// <exception cref="NotFiniteNumberException">A score or mask is not finite.</exception>
    public ImageDetections Run(SoloPredictions predictions, int n, (int Height, int Width) size, InputImage image)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor feature = predictions.MaskFeature[n];
        Peaks peaks = FindPeaks(predictions.Categories, n);
        Tensor kernels = cat([.. predictions.Kernels.Select(k => k[n].flatten(1))], 1).t()
            .index_select(0, tensor(peaks.Cells, device: feature.device));

        List<SoloCandidate> kept = Suppress(Candidates(peaks, kernels, feature));
        long[] orders = [.. kept.Select(c => (long)c.Order)];
        int factor = _compatibility.ReferenceUpsampling
            ? (int)((size.Height + feature.shape[1] - 1) / feature.shape[1])
            : MaskStride;
        var final = new FinalMasks(
            factor, size, (image.OriginalHeight, image.OriginalWidth), _settings.MaskThreshold);
        IReadOnlyList<RunLengthMask> masks = final.Make(
            kernels.index_select(0, tensor(orders, device: feature.device)), feature);
        return new ImageDetections
        {
            ImageId = image.ImageId,
            Height = image.OriginalHeight,
            Width = image.OriginalWidth,
            Boxes = [.. masks.SelectMany(Box)],
            Scores = [.. kept.Select(c => c.Score)],
            Classes = [.. kept.Select(c => c.Category)],
            Masks = masks,
        };
    }

    /// <summary>Cells and classes above the threshold, in the order of M-107.</summary>
    private sealed record Peaks(long[] Cells, long[] Categories, float[] Scores);

    // M-106, M-107.
    private Peaks FindPeaks(IReadOnlyList<Tensor> categories, int n)
    {
        Tensor[] levels =
            [.. categories.Select(level => PointNms.Apply(level.narrow(0, n, 1).sigmoid()).squeeze(0).flatten(1))];
        Tensor scores = cat(levels, 1).t();
        using Scalar threshold = _settings.ScoreThreshold, classes = scores.shape[1];
        Tensor found = scores.le(threshold).logical_not().nonzero(); // With NaN, which must not vanish here.
        Tensor values = scores.contiguous().view(-1)
            .index_select(0, (found.select(1, 0) * classes).Plus(found.select(1, 1))).to(ScalarType.Float32);
        if (_settings.Options.CandidateLimit is int limit && limit < values.shape[0])
        {
            // In the former order, which settles ties.
            Tensor best = values.sort(0, descending: true, stable: true).Indices.narrow(0, 0, limit).sort(0).Values;
            (found, values) = (found.index_select(0, best), values.index_select(0, best));
        }

        float[] peaks = Read<float>(values);
        FinitePredictions.Require(peaks, "a score");
        return new Peaks(Read<long>(found.select(1, 0)), Read<long>(found.select(1, 1)), peaks);
    }

    // M-108 to M-111: best first, at most as many as enter the suppression.
    private List<SoloCandidate> Candidates(Peaks peaks, Tensor kernels, Tensor feature)
    {
        int[] smallest = SmallestAreaOfCells();
        Tensor flat = feature.flatten(1);
        int pixels = (int)flat.shape[1];
        int step = (int)Math.Max(1, ChunkElements / pixels);
        var candidates = new List<SoloCandidate>();
        using Scalar threshold = _settings.MaskThreshold;
        for (int start = 0; start < peaks.Cells.Length; start += step)
        {
            using DisposeScope chunk = NewDisposeScope();
            int count = Math.Min(step, peaks.Cells.Length - start);
            Tensor p = kernels.narrow(0, start, count).matmul(flat).sigmoid_();
            Tensor inside = p.gt(threshold);
            float[] sums = Read<float>(p.mul_(inside).sum(1).to(ScalarType.Float32));
            FinitePredictions.Require(sums, "a mask");

            using Tensor onHost = inside.cpu();
            ReadOnlySpan<byte> bytes = onHost.bytes;
            for (int i = 0; i < count; i++)
            {
                int order = start + i;
                var mask = BitMask.Pack(bytes.Slice(i * pixels, pixels));
                float score = peaks.Scores[order] * (sums[i] / mask.Area);
                if (mask.Area > smallest[peaks.Cells[order]])
                    candidates.Add(new SoloCandidate(order, (int)peaks.Categories[order], score, mask));
            }

            KeepBest(candidates, _settings.CandidatesBeforeNms);
        }

        return candidates;
    }

    // M-112 to M-114.
    private List<SoloCandidate> Suppress(List<SoloCandidate> candidates)
    {
        List<SoloCandidate> kept;
        if (_settings.Nms == MaskNms.Greedy)
        {
            bool[] stays = MaskSuppression.Greedy(candidates, _settings.MaskThreshold);
            kept = [.. candidates.Where((_, i) => stays[i])];
        }
        else
        {
            float[] factors = MaskSuppression.Decay(candidates, _settings.Nms, _settings.NmsSigma);
            kept = [.. candidates
                .Select((c, i) => c with { Score = c.Score * factors[i] })
                .Where(c => c.Score >= _settings.UpdateThreshold)];
        }

        KeepBest(kept, _settings.DetectionsPerImage);
        return kept;
    }

    private static void KeepBest(List<SoloCandidate> candidates, int count)
    {
        candidates.Sort(SoloCandidate.BestFirst);
        if (candidates.Count > count)
            candidates.RemoveRange(count, candidates.Count - count);
    }

    // Per cell of all levels (M-109).
    private int[] SmallestAreaOfCells() =>
        [.. _settings.Grids.Zip(_settings.Strides).SelectMany(l => Enumerable.Repeat(l.Second, l.First * l.First))];

    // x1, y1, x2, y2; the reference gives zeros (KF-8).
    private float[] Box(RunLengthMask mask)
    {
        BoxXywh box = _compatibility.ZeroSoloV2Boxes ? default : mask.TightBox;
        return [(float)box.X, (float)box.Y, (float)(box.X + box.Width), (float)(box.Y + box.Height)];
    }

    private static T[] Read<T>(Tensor tensor)
        where T : unmanaged
    {
        using Tensor onHost = tensor.cpu().contiguous();
        return onHost.data<T>().ToArray();
    }
}
