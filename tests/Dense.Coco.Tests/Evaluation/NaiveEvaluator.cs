using Dense.Coco.Annotations;
using Dense.Coco.Evaluation;
using Dense.Coco.Results;

namespace Dense.Coco.Tests.Evaluation;

/// <summary>
/// The specification's text (E-131 to E-133) written down step by step, boxes only and without a thought for speed: for
/// comparison with the real evaluator on random input and random settings.
/// </summary>
internal sealed class NaiveEvaluator(CocoDataset dataset, DetectionList detections, EvaluationSettings settings)
{
    private sealed record Truth(BoxXywh Box, double Area, bool IsCrowd, long Id);

    private sealed record Found(BoxXywh Box, double Area, double Score);

    private sealed record Outcome(double[] Scores, bool[][] Matched, bool[][] Ignored, int Positives);

    /// <summary>Precision T×R×K×A×M, then recall T×K×A×M.</summary>
    public (double[] Precision, double[] Recall) Evaluate()
    {
        long[] images = [.. (settings.ImageIds ?? dataset.Images.Select(i => i.Id)).Distinct().Order()];

        // COCOeval sorts the classes only where it tells them apart; else they are listed in the order given.
        IReadOnlyList<long> given = settings.CategoryIds ?? [.. dataset.Categories.Select(c => c.Id).Order()];
        long[] ids = settings.UseCategories ? [.. given.Order()] : [.. given];
        long[][] classes = settings.UseCategories ? [.. ids.Select(id => new[] { id })] : [ids];
        int[] limits = [.. settings.MaxDetections.Order()];
        (int t, int r, int k, int a, int m) =
            (settings.IouThresholds.Count, settings.RecallThresholds.Count, classes.Length, settings.AreaRanges.Count,
                limits.Length);
        double[] precision = new double[t * r * k * a * m], recall = new double[t * k * a * m];
        precision.AsSpan().Fill(-1);
        recall.AsSpan().Fill(-1);
        for (int ki = 0; ki < k; ki++)
        {
            for (int ai = 0; ai < a; ai++)
            {
                Outcome[] outcomes =
                [
                    .. images.Select(image => Match(image, classes[ki], settings.AreaRanges[ai], limits[^1]))
                        .OfType<Outcome>(),
                ];
                for (int mi = 0; mi < m; mi++)
                {
                    for (int ti = 0; ti < t; ti++)
                    {
                        if (Accumulate(outcomes, ti, limits[mi]) is not var (curve, best))
                            continue;

                        recall[((ti * k + ki) * a + ai) * m + mi] = best;
                        for (int ri = 0; ri < r; ri++)
                            precision[(((ti * r + ri) * k + ki) * a + ai) * m + mi] = curve[ri];
                    }
                }
            }
        }

        return (precision, recall);
    }

    private Outcome? Match(long image, long[] categories, AreaRange range, int limit)
    {
        Truth[] truths =
        [
            .. categories.SelectMany(c => dataset.Annotations.Where(a => a.ImageId == image && a.CategoryId == c))
                .Select(a => new Truth(a.Box!.Value, a.Area!.Value, a.IsCrowd, a.Id)),
        ];
        Found[] found =
        [
            .. categories.SelectMany(c => detections.Where(d => d.ImageId == image && d.CategoryId == c))
                .Select(d => new Found(d.Box!.Value, d.Box!.Value.Area, d.Score)).OrderByDescending(d => d.Score)
                .Take(limit),
        ];
        if (truths.Length == 0 && found.Length == 0)
            return null;

        bool IsIgnored(Truth g) => g.IsCrowd || g.Area < range.Smallest || g.Area > range.Largest;
        truths = [.. truths.OrderBy(IsIgnored)];
        var matched = new bool[settings.IouThresholds.Count][];
        var ignored = new bool[settings.IouThresholds.Count][];
        for (int t = 0; t < matched.Length; t++)
        {
            (matched[t], ignored[t]) = (new bool[found.Length], new bool[found.Length]);
            bool[] taken = new bool[truths.Length];
            for (int d = 0; d < found.Length; d++)
            {
                double best = Math.Min(settings.IouThresholds[t], 1 - 1e-10);
                int m = -1;
                for (int g = 0; g < truths.Length; g++)
                {
                    if (taken[g] && !truths[g].IsCrowd)
                        continue;
                    if (m > -1 && !IsIgnored(truths[m]) && IsIgnored(truths[g]))
                        break;

                    double iou = BoxXywh.Iou(found[d].Box, truths[g].Box, truths[g].IsCrowd);
                    if (iou < best)
                        continue;

                    (best, m) = (iou, g);
                }

                if (m >= 0)
                {
                    matched[t][d] = truths[m].Id != 0;
                    ignored[t][d] = IsIgnored(truths[m]);
                    taken[m] = true;
                }

                if (!matched[t][d] && (found[d].Area < range.Smallest || found[d].Area > range.Largest))
                    ignored[t][d] = true;
            }
        }

        return new Outcome([.. found.Select(f => f.Score)], matched, ignored, truths.Count(g => !IsIgnored(g)));
    }

    private (double[] Precision, double Recall)? Accumulate(Outcome[] outcomes, int t, int limit)
    {
        int positives = outcomes.Sum(o => o.Positives);
        if (positives == 0)
            return null;

        var ordered = outcomes
            .SelectMany(o => Enumerable.Range(0, Math.Min(limit, o.Scores.Length))
                .Select(d => (Score: o.Scores[d], Matched: o.Matched[t][d], Ignored: o.Ignored[t][d])))
            .OrderByDescending(d => d.Score).ToArray();
        double[] recall = new double[ordered.Length], precision = new double[ordered.Length];
        double right = 0, wrong = 0;
        for (int j = 0; j < ordered.Length; j++)
        {
            right += ordered[j].Matched && !ordered[j].Ignored ? 1 : 0;
            wrong += !ordered[j].Matched && !ordered[j].Ignored ? 1 : 0;
            recall[j] = right / positives;
            precision[j] = right / (wrong + right + 2.220446049250313e-16);
        }

        for (int j = precision.Length - 1; j > 0; j--)
            precision[j - 1] = Math.Max(precision[j - 1], precision[j]);

        double[] curve =
        [
            .. settings.RecallThresholds.Select(r =>
                Array.FindIndex(recall, v => v >= r) is var j and >= 0 ? precision[j] : 0),
        ];
        return (curve, recall.Length > 0 ? recall[^1] : 0);
    }
}
