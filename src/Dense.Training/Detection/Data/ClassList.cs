namespace Dense.Training.Detection.Data;

/// <summary>Lists of class names in messages.</summary>
internal static class ClassList
{
    private const int Shown = 8;

    /// <summary>The first names, and how many more there are.</summary>
    public static string Shorten(IReadOnlyCollection<string> names) => names.Count <= Shown
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(Shown))} and {names.Count - Shown} more";

    /// <summary>Where two lists part, which their first names need not show (E-90).</summary>
    /// <param name="found">One list.</param>
    /// <param name="expected">The other.</param>
    public static string Difference(IReadOnlyList<string> found, IReadOnlyList<string> expected)
    {
        int index = found.Zip(expected).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"class {index + 1} is {NameAt(found)}, expected {NameAt(expected)}";

        string NameAt(IReadOnlyList<string> names) => index < names.Count ? names[index] : "none";
    }
}
