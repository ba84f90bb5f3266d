using Dense.Coco.Evaluation;

namespace Dense.Training.Detection.Evaluation;

/// <summary>The metrics of one task in percent, NaN where there is no ground truth (E-136).</summary>
/// <param name="Task"><c>bbox</c> or <c>segm</c>.</param>
/// <param name="Overall"><c>AP</c>, <c>AP50</c>, <c>AP75</c>, <c>APs</c>, <c>APm</c>, <c>APl</c>.</param>
/// <param name="PerClass">AP by the name of the class; empty with one class.</param>
public sealed record TaskMetrics(
    string Task, IReadOnlyList<(string Name, double Value)> Overall,
    IReadOnlyList<(string Name, double Value)> PerClass)
{
    private const int OverallCount = 6;
    private static readonly string[] Names = ["AP", "AP50", "AP75", "APs", "APm", "APl"];

    /// <summary>All metrics by the names that results have: <c>AP50</c>, <c>AP-person</c>.</summary>
    public IEnumerable<(string Name, double Value)> All =>
        [.. Overall, .. PerClass.Select(c => ("AP-" + c.Name, c.Value))];

    /// <summary>The metrics of an evaluation.</summary>
    public static TaskMetrics Of(string task, EvaluationResult result)
    {
        var overall = result.Metrics.ToList().Take(OverallCount).Select(m => (m.Name, Percent(m.Value)));
        var perClass = result.Categories.Select(c => (c.Category.Name, Percent(c.Metrics.AP)));
        return new TaskMetrics(task, [.. overall], result.Categories.Count > 1 ? [.. perClass] : []);
    }

    /// <summary>What is reported when nothing was detected at all (E-126).</summary>
    public static TaskMetrics Undefined(string task) => new(task, [.. Names.Select(n => (n, double.NaN))], []);

    private static double Percent(double value) => value < 0 ? double.NaN : 100 * value;
}
