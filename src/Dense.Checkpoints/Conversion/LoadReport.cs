using System.Text;

namespace Dense.Checkpoints.Conversion;

/// <summary>
/// What matched and what did not when weights meet a model: names and shapes in, report out (P-211, reliability R16).
/// </summary>
/// <param name="Matched">Names that the file holds with the model's shape.</param>
/// <param name="Missing">Names that the model has and the file lacks.</param>
/// <param name="Unexpected">Names that the file has and the model lacks.</param>
/// <param name="ShapeMismatches">Names that both have, with different shapes.</param>
public sealed record LoadReport(
    IReadOnlyList<string> Matched,
    IReadOnlyList<string> Missing,
    IReadOnlyList<string> Unexpected,
    IReadOnlyList<ShapeMismatch> ShapeMismatches)
{
    /// <summary>Whether everything that the model has was found.</summary>
    public bool IsComplete => Missing.Count == 0 && ShapeMismatches.Count == 0;

    /// <summary>Names that the model has.</summary>
    public int ExpectedCount => Matched.Count + Missing.Count + ShapeMismatches.Count;

    /// <summary>One line: complete, incomplete or nothing matched, with counts.</summary>
    public string Verdict
    {
        get
        {
            string counts = $"{Matched.Count} of {ExpectedCount} matched, {Missing.Count} missing, " +
                $"{ShapeMismatches.Count} of another shape, {Unexpected.Count} unexpected";
            return (IsComplete ? "complete: " : Matched.Count == 0 ? "nothing matched: " : "incomplete: ") + counts;
        }
    }

    /// <summary>Compares a model's entries with a file's.</summary>
    /// <param name="expected">What the model has.</param>
    /// <param name="found">What the file has.</param>
    /// <param name="mayBeMissing">Names that are not reported when the file lacks them, such as counters.</param>
    public static LoadReport Compare(
        IEnumerable<TensorLayout> expected, IEnumerable<TensorLayout> found, Func<string, bool>? mayBeMissing = null)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(found);

        var left = new OrderedDictionary<string, TensorLayout>(StringComparer.Ordinal);
        foreach (TensorLayout layout in found)
            left[layout.Name] = layout;

        List<string> matched = [], missing = [];
        List<ShapeMismatch> mismatches = [];
        foreach (TensorLayout wanted in expected)
        {
            if (!left.Remove(wanted.Name, out TensorLayout? layout))
            {
                if (mayBeMissing?.Invoke(wanted.Name) != true)
                    missing.Add(wanted.Name);
            }
            else if (layout.Shape.SequenceEqual(wanted.Shape))
            {
                matched.Add(wanted.Name);
            }
            else
            {
                mismatches.Add(new ShapeMismatch(wanted.Name, layout.Shape, wanted.Shape));
            }
        }

        return new LoadReport(matched, missing, [.. left.Keys], mismatches);
    }

    /// <summary>
    /// Joins names that differ only behind the last dot: <c>a.b.{bias, weight}</c>; a single one stays as it is. Sorted
    /// (E-63).
    /// </summary>
    public static IReadOnlyList<string> Group(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);

        return
        [
            .. names.GroupBy(n => n[..LastPart(n)], n => n[LastPart(n)..], StringComparer.Ordinal)
                .Select(g => g.Count() == 1
                    ? g.Key + g.First()
                    : $"{g.Key}{{{string.Join(", ", g.Order(StringComparer.Ordinal))}}}")
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The verdict, then what did not match, grouped.</summary>
    /// <param name="mostLines">Lines of each kind at most; the rest is counted.</param>
    public string ToText(int mostLines = 20)
    {
        var text = new StringBuilder(Verdict);
        Append(text, "missing", Group(Missing), mostLines);
        Append(text, "another shape", [.. ShapeMismatches.Select(m => m.ToString())], mostLines);
        Append(text, "unexpected", [.. Group(Unexpected).Select(n => "  " + n)], mostLines);
        return text.ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => ToText();

    private static int LastPart(string name) => name.LastIndexOf('.') + 1;

    private static void Append(StringBuilder text, string title, IReadOnlyList<string> lines, int most)
    {
        if (lines.Count == 0)
            return;

        text.Append('\n').Append(title).Append(':');
        foreach (string line in lines.Take(most))
            text.Append('\n').Append(line);

        if (lines.Count > most)
            text.Append($"\n… and {lines.Count - most} more lines");
    }
}
