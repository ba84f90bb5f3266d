using System.Globalization;
using Dense.Coco.Evaluation;

namespace Dense.Cli.Evaluation;

/// <summary>Prints an evaluation: the twelve lines and a table of the classes.</summary>
internal static class EvaluationTables
{
    private const int LongestName = 30;

    public static void Print(EvaluationResult result, TextWriter output)
    {
        foreach (string line in SummaryText.Lines(result))
            output.WriteLine(line);

        if (result.Categories.Count == 0)
            return;

        output.WriteLine();
        int width = Math.Clamp(result.Categories.Max(c => c.Category.Name.Length), "category".Length, LongestName);
        output.WriteLine($"{"category".PadRight(width)}      AP    AP50    AP75     APs     APm     APl  "
            + $"AR{result.Settings.MaxDetections[^1]}");
        foreach (CategoryMetrics category in result.Categories)
        {
            CocoMetrics m = category.Metrics;
            string name = category.Category.Name;
            name = name.Length > width ? name[..(width - 1)] + "…" : name.PadRight(width);
            output.WriteLine(name + string.Concat(
                new[] { m.AP, m.AP50, m.AP75, m.APs, m.APm, m.APl, m.AR100 }.Select(Cell)));
        }

        output.WriteLine();
    }

    // A dash where there is no ground truth.
    private static string Cell(double value) =>
        value < 0 ? "       -" : string.Create(CultureInfo.InvariantCulture, $"{100 * value,8:0.00}");
}
