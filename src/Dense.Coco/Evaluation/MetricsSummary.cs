namespace Dense.Coco.Evaluation;

/// <summary>Means over slices of the arrays (E-134), of all classes or of one.</summary>
internal sealed class MetricsSummary(EvaluationArrays arrays, EvaluationSettings settings)
{
    private readonly double[] _values = new double[arrays.IouCount * arrays.RecallCount * arrays.CategoryCount];

    /// <summary>The twelve numbers.</summary>
    /// <param name="category">Index of the class; null for all together.</param>
    public CocoMetrics Summarize(int? category = null)
    {
        // Differs from pycocotools: AP uses the largest limit whatever it is, not 100 alone (E-203).
        int last = arrays.LimitCount - 1;
        return new CocoMetrics(
            AP: Precision(category, null, "all", last),
            AP50: Precision(category, 0.5, "all", last),
            AP75: Precision(category, 0.75, "all", last),
            APs: Precision(category, null, "small", last),
            APm: Precision(category, null, "medium", last),
            APl: Precision(category, null, "large", last),
            AR1: Recall(category, "all", 0),
            AR10: Recall(category, "all", Math.Min(1, last)),
            AR100: Recall(category, "all", Math.Min(2, last)),
            ARs: Recall(category, "small", last),
            ARm: Recall(category, "medium", last),
            ARl: Recall(category, "large", last));
    }

    private double Precision(int? category, double? threshold, string area, int limit)
    {
        int a = AreaIndex(area);
        int count = 0;
        for (int t = 0; a >= 0 && t < arrays.IouCount; t++)
        {
            if (threshold is { } only && settings.IouThresholds[t] != only)
                continue;

            for (int r = 0; r < arrays.RecallCount; r++)
            {
                for (int k = category ?? 0; k <= (category ?? arrays.CategoryCount - 1); k++)
                    count += Keep(arrays.PrecisionAt(t, r, k, a, limit), count);
            }
        }

        return PairwiseMean.Of(_values.AsSpan(0, count));
    }

    private double Recall(int? category, string area, int limit)
    {
        int a = AreaIndex(area);
        int count = 0;
        for (int t = 0; a >= 0 && t < arrays.IouCount; t++)
        {
            for (int k = category ?? 0; k <= (category ?? arrays.CategoryCount - 1); k++)
                count += Keep(arrays.RecallAt(t, k, a, limit), count);
        }

        return PairwiseMean.Of(_values.AsSpan(0, count));
    }

    private int Keep(double value, int place)
    {
        if (!(value > -1))
            return 0;

        _values[place] = value;
        return 1;
    }

    private int AreaIndex(string name)
    {
        for (int a = 0; a < settings.AreaRanges.Count; a++)
        {
            if (settings.AreaRanges[a].Name == name)
                return a;
        }

        return -1;
    }
}
