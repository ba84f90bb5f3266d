using Dense.Detection.Losses;
using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dense.Detection.Fcos;

// Shapes: N images, K classes, h×w locations of a level, P positive locations of all levels.

/// <summary>The three losses of FCOS (section 3.2 of the paper; M-58 to M-67).</summary>
/// <remarks>
/// Divisors are means over ranks, so that after the averaging of gradients a positive location weighs the same
/// whichever rank it is on. What the targets alone decide is computed on the host, so the device never waits; a batch
/// without positives gives losses of 0 that are connected to the graph (M-66).
/// <para>
/// The centre-ness loss does not approach 0: its targets lie between 0 and 1, and the cross entropy of a perfect
/// prediction is the entropy of the target, 0.5 to 0.6 on average (KF-10). The loss comes with that entropy.
/// </para>
/// </remarks>
public sealed class FcosLosses
{
    private const double MovingAverageKeeps = 0.9;
    private const double InitialMovingForeground = 100;
    private const double SmallestQualitySum = 1e-6;

    private readonly FcosSettings _settings;
    private readonly ICollectives _collectives;

    /// <summary>Keeps the settings and the other ranks.</summary>
    public FcosLosses(FcosSettings settings, ICollectives collectives)
    {
        _settings = settings;
        _collectives = collectives;
    }

    /// <summary>
    /// The running number of positive locations that divides the class loss under
    /// <see cref="ClassNormalizer.MovingForeground"/>; equal on all ranks. A trainer saves it (KF-4).
    /// </summary>
    public double MovingForeground { get; set; } = InitialMovingForeground;

    /// <summary>The losses of a batch.</summary>
    /// <param name="levels">Predictions.</param>
    /// <param name="targets">One per level.</param>
    /// <param name="withOthers">Whether the divisors are means over ranks, which then call this together; otherwise
    /// they are those of this batch, and <see cref="MovingForeground"/> does not move.</param>
    /// <returns><c>loss_fcos_cls</c>, <c>loss_fcos_loc</c> and <c>loss_fcos_ctr</c> or <c>loss_fcos_iou</c>; the caller
    /// owns the tensors.</returns>
    public IReadOnlyList<NamedLoss> Compute(
        IReadOnlyList<FcosLevel> levels, IReadOnlyList<LevelTargets> targets, bool withOthers = true)
    {
        using DisposeScope scope = NewDisposeScope();
        float[] centerness = [.. targets.SelectMany(Centerness)];
        Tensor focalSum = FocalSum(levels, targets);
        (Tensor distances, Tensor quality) = Positives(levels, targets);
        Divisors divisors = DivisorsOf(levels, centerness, focalSum, withOthers);

        Tensor target = tensor(
            targets.SelectMany(t => t.Distances).ToArray(), [centerness.Length, 4], device: focalSum.device);
        Overlap overlap = Overlap.Of(distances, target.to(distances.dtype));
        Tensor boxLoss = BoxLossOf(overlap);

        bool byIou = _settings.Quality == BoxQuality.Iou;
        Tensor wanted = byIou
            ? overlap.Iou.detach()
            : tensor(centerness, device: focalSum.device).to(distances.dtype);
        Tensor location = byIou
            ? boxLoss.sum() / divisors.Positives
            : (boxLoss * wanted).sum() / divisors.Centerness;
        Tensor qualityLoss = functional.binary_cross_entropy_with_logits(
            quality, wanted, reduction: Reduction.Sum) / divisors.Positives;
        Tensor entropy = special.entr(wanted).Plus(special.entr((-wanted).Plus(1))).sum() / divisors.Positives;

        NamedLoss[] losses =
        [
            new("loss_fcos_cls", focalSum.Times(_settings.ClassLossWeight) / divisors.Classes),
            new("loss_fcos_loc", location),
            new(byIou ? "loss_fcos_iou" : "loss_fcos_ctr", qualityLoss, entropy),
        ];
        return [.. losses.Select(l => l.MoveToOuterDisposeScope())];
    }

    // Over every location and class, padding included (M-59).
    private Tensor FocalSum(IReadOnlyList<FcosLevel> levels, IReadOnlyList<LevelTargets> targets)
    {
        Tensor[] sums = new Tensor[levels.Count];
        for (int level = 0; level < sums.Length; level++)
        {
            Tensor logits = levels[level].Logits;
            long classes = logits.shape[1];
            LevelTargets target = targets[level];
            long[] present = [.. target.Locations.Zip(target.Classes, (location, c) => location * classes + c)];
            sums[level] = SigmoidFocalLoss.Sum(
                Rows(logits), tensor(present, device: logits.device), _settings.FocalAlpha, _settings.FocalGamma);
        }

        return stack(sums).sum();
    }

    // The predictions at the positive locations: P×4 and P.
    private static (Tensor Distances, Tensor Quality) Positives(
        IReadOnlyList<FcosLevel> levels, IReadOnlyList<LevelTargets> targets)
    {
        var distances = new List<Tensor>();
        var quality = new List<Tensor>();
        foreach (var (level, target) in levels.Zip(targets))
        {
            Tensor locations = tensor(target.Locations, device: level.Logits.device);
            distances.Add(Rows(level.Distances).index_select(0, locations));
            quality.Add(Rows(level.Quality).index_select(0, locations));
        }

        return (cat(distances, 0), cat(quality, 0).squeeze(1));
    }

    // N×C×h×w as one row of C per location, without a copy when the channels lie innermost; at least float32.
    private static Tensor Rows(Tensor map)
    {
        Tensor rows = map.permute(0, 2, 3, 1).reshape(-1, map.shape[1]);
        return rows.dtype == ScalarType.Float64 ? rows : rows.to(ScalarType.Float32);
    }

    // √(min(l, r)/max(l, r) · min(t, b)/max(t, b)) (M-63).
    private static IEnumerable<float> Centerness(LevelTargets targets)
    {
        for (int i = 0; i < targets.Count; i++)
        {
            float[] d = targets.Distances;
            (float l, float t, float r, float b) = (d[4 * i], d[4 * i + 1], d[4 * i + 2], d[4 * i + 3]);
            float across = MathF.Min(l, r) / MathF.Max(l, r), down = MathF.Min(t, b) / MathF.Max(t, b);
            yield return MathF.Sqrt(across * down);
        }
    }

    private Tensor BoxLossOf(Overlap overlap) => _settings.BoxLoss switch
    {
        BoxLoss.Iou => -overlap.Iou.log(),
        BoxLoss.LinearIou => (-overlap.Iou).Plus(1),
        BoxLoss.Giou => (-overlap.Giou).Plus(1),
        _ => throw new InvalidOperationException($"Box loss {_settings.BoxLoss}."),
    };

    // M-58, M-60, M-64.
    private Divisors DivisorsOf(
        IReadOnlyList<FcosLevel> levels, float[] centerness, Tensor like, bool withOthers)
    {
        double locations = levels.Sum(l => (double)l.Quality.numel());
        double sum = centerness.Sum(c => (double)c);
        Tensor means = tensor([centerness.Length, sum, locations], like.dtype, like.device);
        if (withOthers)
        {
            _collectives.SumInPlace(means);
            means = means.Over(_collectives.WorldSize);
        }

        Tensor positives = means[0].AtLeast(1);
        Tensor classes = _settings.ClassNormalizer switch
        {
            ClassNormalizer.Foreground => positives,
            ClassNormalizer.MovingForeground => Moved(positives, withOthers),
            ClassNormalizer.All => means[2].AtLeast(1),
            _ => throw new InvalidOperationException($"Normaliser {_settings.ClassNormalizer}."),
        };
        return new Divisors(classes, positives, means[1].AtLeast(SmallestQualitySum));
    }

    private Tensor Moved(Tensor positives, bool moves)
    {
        if (moves)
        {
            MovingForeground = MovingAverageKeeps * MovingForeground
                + (1 - MovingAverageKeeps) * positives.to(ScalarType.Float64).item<double>();
        }

        return tensor(MovingForeground, positives.dtype, positives.device);
    }

    private readonly record struct Divisors(Tensor Classes, Tensor Positives, Tensor Centerness);
}
