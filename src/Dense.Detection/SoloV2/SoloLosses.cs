using Dense.Detection.Losses;
using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.SoloV2;

/// <summary>
/// The two losses of SOLOv2 (M-100 to M-105): <c>loss_ins</c>, the mean dice loss of all positives, and
/// <c>loss_cate</c>, the focal loss of all cells over the number of marked cells plus one.
/// </summary>
/// <remarks>Each rank divides by its own counts, as the reference does (KF-15), unless the options say
/// otherwise.</remarks>
public sealed class SoloLosses
{
    // 64 MB of float32 probabilities and about as much three times for what is computed from them.
    private const long ChunkElements = 1 << 22;

    private readonly SoloV2Settings _settings;
    private readonly ICollectives _collectives;

    /// <summary>Keeps the settings and the other ranks.</summary>
    public SoloLosses(SoloV2Settings settings, ICollectives collectives) =>
        (_settings, _collectives) = (settings, collectives);

    /// <summary>The losses of a batch.</summary>
    /// <param name="predictions">What the heads say of N images.</param>
    /// <param name="targets">N images' targets.</param>
    /// <param name="truths">N images' objects.</param>
    /// <param name="withOthers">Whether <see cref="SoloOptions.NormaliseOverRanks"/> may ask the other ranks, which
    /// then call this together.</param>
    /// <returns>loss_ins and loss_cate; the caller owns the tensors.</returns>
    public IReadOnlyList<NamedLoss> Compute(
        SoloPredictions predictions,
        IReadOnlyList<SoloTargets> targets,
        IReadOnlyList<GroundTruth> truths,
        bool withOthers = true)
    {
        using DisposeScope scope = NewDisposeScope();
        (double positives, double cells) = Divisors(targets, withOthers);
        Tensor mask = MaskLoss(predictions, targets, truths, positives);
        Tensor category = FocalSum(predictions.Categories, targets).Times(_settings.FocalWeight / cells);
        return
        [
            new("loss_ins", mask.MoveToOuterDisposeScope()),
            new("loss_cate", category.MoveToOuterDisposeScope()),
        ];
    }

    private (double Positives, double Cells) Divisors(IReadOnlyList<SoloTargets> targets, bool withOthers)
    {
        double positives = targets.Sum(t => t.Positives), marked = targets.Sum(t => t.Marked);
        if (!_settings.Options.NormaliseOverRanks || !withOthers)
            return (positives, marked + 1);

        // The one counts once, as in one process with the images of all.
        using Tensor counts = tensor(new[] { positives, marked });
        _collectives.SumInPlace(counts);
        double[] sums = counts.data<double>().ToArray();
        return (sums[0] / _collectives.WorldSize, (sums[1] + 1) / _collectives.WorldSize);
    }

    // M-102; without positives 0, but connected to both heads (M-104).
    private Tensor MaskLoss(
        SoloPredictions predictions,
        IReadOnlyList<SoloTargets> targets,
        IReadOnlyList<GroundTruth> truths,
        double positives)
    {
        Tensor sum = Nothing(predictions.MaskFeature);
        foreach (Tensor kernels in predictions.Kernels)
            sum = sum.Plus(Nothing(kernels));

        for (int n = 0; n < targets.Count; n++)
        {
            if (targets[n].Positives > 0)
                sum = sum.Plus(DiceSum(predictions, n, targets[n], truths[n]));
        }

        return sum.Times(_settings.DiceWeight / Math.Max(positives, 1));
    }

    // A sum of no elements.
    private static Tensor Nothing(Tensor tensor) => Exact(tensor.narrow(0, 0, 0)).sum();

    private static Tensor DiceSum(SoloPredictions predictions, int n, SoloTargets targets, GroundTruth truth)
    {
        Tensor feature = predictions.MaskFeature[n];
        Tensor kernels = cat(
            [.. targets.Levels.Zip(predictions.Kernels, (level, kernel) =>
                kernel[n].flatten(1).index_select(1, tensor(Longs(level.Cells), device: feature.device)))],
            1);

        int[] objects = [.. targets.Levels.SelectMany(level => level.Objects)];
        int[] used = [.. objects.Distinct()];
        Tensor masks = Stack([.. used.Select(k => truth.Masks![k])], (int)feature.shape[1], (int)feature.shape[2]);
        Tensor maskOf = tensor(Longs([.. objects.Select(k => Array.IndexOf(used, k))]), device: feature.device);
        return KernelDice.Sum(
            Exact(kernels.t().contiguous()), Exact(feature.flatten(1)), masks.to(feature.device), maskOf,
            ChunkElements);
    }

    // I×(H_m·W_m): each mask in the upper left corner of its map (M-97).
    private static Tensor Stack(MaskTarget[] masks, int height, int width)
    {
        byte[] samples = new byte[masks.Length * height * width];
        for (int k = 0; k < masks.Length; k++)
        {
            MaskTarget mask = masks[k];
            for (int y = 0; y < mask.QuarterHeight; y++)
            {
                mask.Quarter.AsSpan(y * mask.QuarterWidth, mask.QuarterWidth)
                    .CopyTo(samples.AsSpan((k * height + y) * width, width));
            }
        }

        return tensor(samples, [masks.Length, height * width]);
    }

    // Over every cell and class, per level N·K·G² logits (M-103).
    private Tensor FocalSum(IReadOnlyList<Tensor> categories, IReadOnlyList<SoloTargets> targets)
    {
        Tensor[] sums = new Tensor[categories.Count];
        for (int level = 0; level < sums.Length; level++)
        {
            Tensor logits = categories[level];
            long classes = logits.shape[1], cells = logits.shape[2] * logits.shape[3];
            long[] present = [.. targets.SelectMany((target, n) => target.Levels[level].Categories
                .Select((category, cell) => (category, cell))
                .Where(c => c.category < classes)
                .Select(c => (n * classes + c.category) * cells + c.cell))];
            sums[level] = SigmoidFocalLoss.Sum(
                Exact(logits.reshape(-1, cells)),
                tensor(present, device: logits.device),
                _settings.FocalAlpha,
                _settings.FocalGamma);
        }

        return stack(sums).sum();
    }

    // Sums of many terms are never taken in less than float32.
    private static Tensor Exact(Tensor tensor) =>
        tensor.dtype == ScalarType.Float64 ? tensor : tensor.to(ScalarType.Float32);

    private static long[] Longs(int[] numbers) => [.. numbers.Select(v => (long)v)];
}
