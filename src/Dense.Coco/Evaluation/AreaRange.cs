namespace Dense.Coco.Evaluation;

/// <summary>A size class of objects.</summary>
/// <param name="Name">Its name; "all", "small", "medium" and "large" appear in the twelve numbers.</param>
/// <param name="Smallest">Smallest area in square pixels, inclusive.</param>
/// <param name="Largest">Largest area in square pixels, inclusive.</param>
public sealed record AreaRange(string Name, double Smallest, double Largest)
{
    /// <summary>COCO's four: all, small (up to 32²), medium (up to 96²), large.</summary>
    public static IReadOnlyList<AreaRange> Coco { get; } =
    [
        new("all", 0, 1e10),
        new("small", 0, 32 * 32),
        new("medium", 32 * 32, 96 * 96),
        new("large", 96 * 96, 1e10),
    ];

    /// <summary>Whether an area lies in it.</summary>
    public bool Contains(double area) => !(area < Smallest || area > Largest);
}
