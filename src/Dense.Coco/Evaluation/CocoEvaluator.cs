using Dense.Coco.Annotations;
using Dense.Coco.Results;

namespace Dense.Coco.Evaluation;

/// <summary>
/// The COCO evaluator: pycocotools' numbers, bit for bit (E-128 to E-136), for boxes and masks. Keypoints are not
/// supported.
/// </summary>
public static class CocoEvaluator
{
    private const int GroupsAtATime = 64;
    private const int UnknownIdsShown = 10;

    /// <summary>Compares detections with annotations.</summary>
    /// <param name="dataset">The annotations.</param>
    /// <param name="detections">The detections, in the order in which they were made.</param>
    /// <param name="settings">How to compare; COCO's own way when null.</param>
    /// <exception cref="ArgumentException">A setting is impossible.</exception>
    /// <exception cref="CocoFormatException">
    /// A detection lies in an image that the annotation file does not list, or a box or mask is missing or damaged.
    /// </exception>
    public static EvaluationResult Evaluate(
        CocoDataset dataset, DetectionList detections, EvaluationSettings? settings = null) =>
        Evaluate(dataset, detections, settings ?? new EvaluationSettings(), trace: null);

    internal static EvaluationResult Evaluate(
        CocoDataset dataset, DetectionList detections, EvaluationSettings settings,
        Func<EvaluationPlan, MatchTrace>? trace)
    {
        settings.Validate();
        if (!dataset.HasAnnotations)
        {
            throw new CocoFormatException(
                "The annotation file has no 'annotations' (a test set?), so nothing can be evaluated.");
        }

        RequireKnownImages(dataset, detections);
        var plan = new EvaluationPlan(dataset, detections, settings);
        var groundTruth = new GroundTruthTable(plan, settings);
        var table = new MatchTable(plan.Detection.Length, settings.AreaRanges.Count);
        OverlapCounts counts = Match(plan, groundTruth, table, settings, trace?.Invoke(plan));

        var arrays = new EvaluationArrays(settings, plan.CategoryCount);
        SharedWork.Run(plan.CategoryCount, chunk: 1, settings.MaxThreads, () =>
            new Accumulator(plan, settings, groundTruth, table, arrays).Accumulate);

        CocoMetrics[] metrics = Summarize(arrays, settings);
        return new EvaluationResult(
            settings with { MaxDetections = [.. settings.MaxDetections.Order()] },
            metrics[^1],
            PerCategory(plan, metrics, settings),
            arrays,
            EvaluationWarnings.Collect(plan, groundTruth, counts, settings));
    }

    private static OverlapCounts Match(
        EvaluationPlan plan, GroundTruthTable groundTruth, MatchTable table, EvaluationSettings settings,
        MatchTrace? trace)
    {
        var sources = new List<IOverlapSource>();
        SharedWork.Run(plan.Groups.Length, GroupsAtATime, settings.MaxThreads, () =>
        {
            IOverlapSource source = settings.Task == EvaluationTask.Box
                ? new BoxOverlap(plan, groundTruth)
                : new MaskOverlap(plan, groundTruth, GroupMatcher.LowestThreshold(settings));
            lock (sources)
                sources.Add(source);

            var matcher = new GroupMatcher(settings, groundTruth, table, trace);
            var overlap = new GroupOverlap();
            return index =>
            {
                source.Fill(plan.Groups[index], overlap);
                matcher.Match(plan.Groups[index], overlap);
            };
        });

        return sources.Aggregate(default(OverlapCounts), (sum, source) => sum + source.Counts);
    }

    // The numbers of each class, and at the end those of all together.
    private static CocoMetrics[] Summarize(EvaluationArrays arrays, EvaluationSettings settings)
    {
        var metrics = new CocoMetrics[arrays.CategoryCount + 1];
        SharedWork.Run(metrics.Length, chunk: 4, settings.MaxThreads, () =>
        {
            var summary = new MetricsSummary(arrays, settings);
            return k => metrics[k] = summary.Summarize(k < arrays.CategoryCount ? k : null);
        });
        return metrics;
    }

    private static CategoryMetrics[] PerCategory(
        EvaluationPlan plan, CocoMetrics[] metrics, EvaluationSettings settings)
    {
        if (!settings.UseCategories)
            return [];

        Dictionary<long, CocoCategory> known = [];
        foreach (CocoCategory category in plan.Dataset.Categories)
            known[category.Id] = category;

        return
        [
            .. plan.CategoryIds.Select((id, k) => new CategoryMetrics(
                known.GetValueOrDefault(id) ?? new CocoCategory(id, $"category {id}"), metrics[k])),
        ];
    }

    private static void RequireKnownImages(CocoDataset dataset, DetectionList detections)
    {
        HashSet<long> known = [.. dataset.Images.Select(i => i.Id)];
        var unknown = new SortedSet<long>();
        bool isKnown = false;
        for (int i = 0; i < detections.Count; i++)
        {
            long id = detections.Records[i].ImageId;
            if (i == 0 || id != detections.Records[i - 1].ImageId)
                isKnown = known.Contains(id);

            if (!isKnown)
                unknown.Add(id);
        }

        if (unknown.Count == 0)
            return;

        string shown = string.Join(", ", unknown.Take(UnknownIdsShown)) + (unknown.Count > UnknownIdsShown
            ? ", …"
            : "");
        string own = string.Join(", ", dataset.Images.Take(3).Select(i => i.Id));
        throw new CocoFormatException(
            $"The results do not belong to the annotations: {unknown.Count} of their image ids are not among the "
            + $"{dataset.Images.Count} images ({shown}; the annotation file has ids like {own}). Check that both " +
            "files are of the same split.");
    }
}
