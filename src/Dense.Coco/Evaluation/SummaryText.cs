using System.Globalization;

namespace Dense.Coco.Evaluation;

/// <summary>The twelve numbers in the words that everybody knows (E-135).</summary>
public static class SummaryText
{
    /// <summary>Twelve lines, three decimals; −1.000 where there is no ground truth.</summary>
    /// <remarks>F3 rounds the exact value as C's printf does; 0.000 would first round it to 15 digits.</remarks>
    public static IReadOnlyList<string> Lines(EvaluationResult result)
    {
        CocoMetrics m = result.Metrics;
        IReadOnlyList<int> limits = result.Settings.MaxDetections;
        int last = limits[^1];
        return
        [
            Precision(null, "all", last, m.AP),
            Precision(0.5, "all", last, m.AP50),
            Precision(0.75, "all", last, m.AP75),
            Precision(null, "small", last, m.APs),
            Precision(null, "medium", last, m.APm),
            Precision(null, "large", last, m.APl),
            Recall("all", limits[0], m.AR1),
            Recall("all", limits[Math.Min(1, limits.Count - 1)], m.AR10),
            Recall("all", limits[Math.Min(2, limits.Count - 1)], m.AR100),
            Recall("small", last, m.ARs),
            Recall("medium", last, m.ARm),
            Recall("large", last, m.ARl),
        ];

        string Precision(double? threshold, string area, int limit, double value) =>
            Line("Average Precision", "(AP)", threshold, area, limit, value);

        string Recall(string area, int limit, double value) => Line("Average Recall", "(AR)", null, area, limit, value);

        string Line(string title, string kind, double? threshold, string area, int limit, double value)
        {
            IReadOnlyList<double> thresholds = result.Settings.IouThresholds;
            string iou = threshold is { } only
                ? only.ToString("0.00", CultureInfo.InvariantCulture)
                : string.Create(CultureInfo.InvariantCulture, $"{thresholds[0]:0.00}:{thresholds[^1]:0.00}");
            return string.Create(
                CultureInfo.InvariantCulture,
                $" {title,-18} {kind} @[ IoU={iou,-9} | area={area,6} | maxDets={limit,3} ] = {value:F3}");
        }
    }
}
