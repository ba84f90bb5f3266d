namespace Dense.Training.Detection.Data;

/// <summary>Lists of class names in messages.</summary>
internal static class ClassList
{
    private const int Shown = 8;

    /// <summary>The first names, and how many more there are.</summary>
    public static string Shorten(IReadOnlyCollection<string> names) => names.Count <= Shown
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(Shown))} and {names.Count - Shown} more";
}
