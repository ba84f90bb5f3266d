using System.Globalization;

namespace Dense.Training.Detection.Evaluation;

/// <summary>Metrics as the tables and lines that detectron2 prints (E-33, E-34).</summary>
public static class ResultTables
{
    private const int MostColumns = 6;
    private const int HeaderPadding = 2;

    /// <summary>The six metrics of a task.</summary>
    public static string Overall(TaskMetrics metrics) => Table(
        [.. metrics.Overall.Select(m => m.Name)],
        [[.. metrics.Overall.Select(m => Number(m.Value))]],
        centred: true);

    /// <summary>AP of every class, three classes to a row.</summary>
    public static string PerClass(TaskMetrics metrics)
    {
        int columns = Math.Min(MostColumns, 2 * metrics.PerClass.Count);
        string[] cells = [.. metrics.PerClass.SelectMany(c => (string[])[c.Name, Number(c.Value)])];
        string[] header = [.. Enumerable.Range(0, columns).Select(i => i % 2 == 0 ? "category" : "AP")];
        string[][] rows =
            [.. cells.Chunk(columns).Select(r => (string[])[.. r, .. Enumerable.Repeat("", columns - r.Length)])];
        return Table(header, rows, centred: false);
    }

    /// <summary>The three lines that people paste into spreadsheets.</summary>
    public static IReadOnlyList<string> CopyPaste(TaskMetrics metrics) =>
    [
        $"copypaste: Task: {metrics.Task}",
        "copypaste: " + string.Join(",", metrics.Overall.Select(m => m.Name)),
        "copypaste: " + string.Join(",", metrics.Overall.Select(m => double.IsNaN(m.Value)
            ? "nan"
            : m.Value.ToString("F4", CultureInfo.InvariantCulture))),
    ];

    private static string Number(double value) =>
        double.IsNaN(value) ? "nan" : value.ToString("F3", CultureInfo.InvariantCulture);

    private static string Table(string[] header, string[][] rows, bool centred)
    {
        int[] widths = [.. header.Select((h, i) => Math.Max(h.Length + HeaderPadding, rows.Max(r => r[i].Length)))];
        string rule = string.Join(
            "|", widths.Select(w => centred ? $":{new string('-', w)}:" : $":{new string('-', w + 1)}"));
        return string.Join("\n", (string[])[Row(header), $"|{rule}|", .. rows.Select(Row)]);

        string Row(string[] cells) =>
            "|" + string.Join("|",
                cells.Select((c, i) => $" {(centred ? Centre(c, widths[i]) : c.PadRight(widths[i]))} ")) + "|";
    }

    // An odd space goes right.
    private static string Centre(string text, int width) => text.PadLeft((width + text.Length) / 2).PadRight(width);
}
