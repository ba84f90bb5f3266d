namespace Dense.Coco.Errors;

/// <summary>
/// Average precision at one IoU threshold of detections whose outcome is known; for asking "what if".
/// </summary>
internal static class AveragePrecision
{
    private const int RecallPoints = 101;

    /// <summary>A detection that counts.</summary>
    public readonly record struct Outcome(int Category, double Score, int Order, bool IsRight);

    /// <summary>The mean over all classes that have objects; 0 when none has.</summary>
    /// <param name="outcomes">The detections.</param>
    /// <param name="objects">Number of objects of each class.</param>
    public static double Mean(IEnumerable<Outcome> outcomes, IReadOnlyList<int> objects)
    {
        ILookup<int, Outcome> byCategory = outcomes.ToLookup(o => o.Category);
        double[] values = [.. Enumerable.Range(0, objects.Count).Where(k => objects[k] > 0)
            .Select(k => Of(byCategory[k], objects[k]))];
        return values.Length == 0 ? 0 : values.Average();
    }

    private static double Of(IEnumerable<Outcome> outcomes, int objects)
    {
        var precision = new List<double>();
        int counted = 0;
        foreach (Outcome outcome in outcomes.OrderByDescending(o => o.Score).ThenBy(o => o.Order))
        {
            counted++;
            if (outcome.IsRight)
                precision.Add((precision.Count + 1) / (double)counted);
        }

        for (int i = precision.Count - 1; i > 0; i--)
            precision[i - 1] = Math.Max(precision[i - 1], precision[i]);

        double sum = 0;
        for (int r = 0; r < RecallPoints; r++)
        {
            int needed = Math.Max(1, (int)Math.Ceiling(r / (RecallPoints - 1.0) * objects));
            sum += needed <= precision.Count ? precision[needed - 1] : 0;
        }

        return sum / RecallPoints;
    }
}
