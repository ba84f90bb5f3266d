using System.Runtime.InteropServices;
using Dense.Detection.Boxes;
using Dense.Detection.Settings;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Fcos;

// Shapes: N images, K classes, h×w locations of a level, k candidates per level and image.

/// <summary>Turns the head's predictions into boxes (M-68 to M-75).</summary>
/// <remarks>
/// The device picks the best candidates of each level for the whole batch; they are read once per batch (KF-3), and the
/// host does the rest, which is little: at most <see cref="FcosSettings.CandidatesPerLevel"/> boxes per level.
/// </remarks>
public sealed class FcosInference
{
    // Ranking value, location, class, four distances.
    private const int Fields = 7;

    private readonly FcosSettings _settings;
    private readonly bool _shiftedNms;

    /// <summary>Keeps the settings.</summary>
    /// <param name="settings">MODEL.FCOS.</param>
    /// <param name="compatibility">COMPAT; <see cref="CompatibilitySettings.ShiftedClassNms"/> is read.</param>
    public FcosInference(FcosSettings settings, CompatibilitySettings compatibility)
    {
        _settings = settings;
        _shiftedNms = compatibility.ShiftedClassNms;
    }

    /// <summary>Finds the objects of a batch.</summary>
    /// <param name="levels">Predictions.</param>
    /// <param name="sizes">Height and width of each image before padding.</param>
    /// <returns>One per image.</returns>
    /// <exception cref="NotFiniteNumberException">A score or box is not finite.</exception>
    public IReadOnlyList<FcosDetections> Detect(
        IReadOnlyList<FcosLevel> levels, IReadOnlyList<(int Height, int Width)> sizes)
    {
        float[][] candidates = Read(levels, out int[] counts);
        bool onCuda = levels[0].Logits.device_type == DeviceType.CUDA;
        return [.. sizes.Select((size, image) =>
            Finish(Boxes(candidates[image], counts, [.. levels.Select(l => l.MapSize.Width)]), size, onCuda))];
    }

    // All levels' candidates, one flat array per image.
    private float[][] Read(IReadOnlyList<FcosLevel> levels, out int[] counts)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor[] best = [.. levels.Select(Best)];
        counts = [.. best.Select(b => (int)b.shape[1])];

        Tensor onHost = cat(best, 1).to(ScalarType.Float32).cpu().contiguous();
        float[] all = MemoryMarshal.Cast<byte, float>(onHost.bytes).ToArray();
        GC.KeepAlive(onHost);
        return [.. all.Chunk(Fields * counts.Sum())];
    }

    // N×k×Fields, best first. Places without a candidate rank below 0; NaN ranks above all, so that the host meets it.
    private Tensor Best(FcosLevel level)
    {
        ScalarType type = level.Logits.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        long images = level.Logits.shape[0], classes = level.Logits.shape[1];
        Tensor Rows(Tensor map) => map.permute(0, 2, 3, 1).reshape(images, -1, map.shape[1]).to(type);

        Tensor probability = Rows(level.Logits).sigmoid();
        Tensor rank = probability * Rows(level.Quality).sigmoid();
        Tensor tested = _settings.ThresholdWithQuality ? rank : probability;
        using Scalar threshold = _settings.ScoreThreshold, excluded = -1, perLocation = classes;
        rank = rank.masked_fill(tested <= threshold, excluded).flatten(1);

        int count = (int)Math.Min(_settings.CandidatesPerLevel, rank.shape[1]);
        (Tensor value, Tensor index) = rank.topk(count, 1);
        Tensor location = index.floor_divide(perLocation), number = index.remainder(perLocation);
        Tensor distances = Rows(level.Distances).gather(1, location.unsqueeze(2).expand(-1, -1, 4));
        Tensor integers = stack([location, number], 2).to(type);
        return cat([value.unsqueeze(2), integers, distances], 2);
    }

    private FcosDetections Boxes(float[] candidates, int[] counts, int[] widths)
    {
        var (boxes, scores, classes) = (new List<float>(), new List<float>(), new List<int>());
        var (locations, levels) = (new List<float>(), new List<int>());
        int start = 0;
        for (int level = 0; level < counts.Length; level++)
        {
            int end = start + Fields * counts[level], stride = _settings.Strides[level];
            foreach (int i in InMapOrder(candidates, start, end))
            {
                ReadOnlySpan<float> c = candidates.AsSpan(i, Fields);
                float x = FcosLocations.Pixel((int)c[1] % widths[level], stride);
                float y = FcosLocations.Pixel((int)c[1] / widths[level], stride);
                ReadOnlySpan<float> box =
                    [x - c[3] * stride, y - c[4] * stride, x + c[5] * stride, y + c[6] * stride];
                FinitePredictions.Require(c[..1], "a score");
                FinitePredictions.Require(box, "a box");
                boxes.AddRange(box);
                scores.Add(MathF.Sqrt(c[0]));
                classes.Add((int)c[2]);
                locations.AddRange([x, y]);
                levels.Add(level);
            }

            start = end;
        }

        return new([.. boxes], [.. scores], [.. classes], [.. locations], [.. levels]);
    }

    // Where the candidates of a level start, by location, then class: so equal scores have one order on every device.
    private static IEnumerable<int> InMapOrder(float[] candidates, int start, int end) =>
        Enumerable.Range(0, (end - start) / Fields)
            .Select(i => start + i * Fields)
            .Where(i => !(candidates[i] < 0))
            .OrderBy(i => candidates[i + 1])
            .ThenBy(i => candidates[i + 2]);

    private FcosDetections Finish(FcosDetections found, (int Height, int Width) size, bool onCuda)
    {
        if (_settings.ClipsBeforeNms)
        {
            BoxFrame.ScaleAndClip(found.Boxes, 1, 1, size.Width, size.Height);
            found = found.Select(BoxFrame.NotEmpty(found.Boxes));
        }

        return found.Select(Best(found, onCuda));
    }

    // Suppression, then the best; detections as good as the last one stay too (M-72, KF-2).
    private IReadOnlyCollection<int> Best(FcosDetections found, bool onCuda)
    {
        double threshold = _settings.NmsThreshold;
        int[] kept =
            threshold <= 0 ? [.. Enumerable.Range(0, found.Count).OrderByDescending(i => found.Scores[i])]
            : _shiftedNms ? ClassNms.KeepShifted(found.Boxes, found.Scores, found.Classes, threshold, onCuda)
            : ClassNms.Keep(found.Boxes, found.Scores, found.Classes, threshold);
        if (kept.Length <= _settings.DetectionsPerImage)
            return kept;

        float last = found.Scores[kept[_settings.DetectionsPerImage - 1]];
        return [.. kept.TakeWhile(i => found.Scores[i] >= last)];
    }
}
