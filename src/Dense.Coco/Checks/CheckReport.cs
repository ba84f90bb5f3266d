namespace Dense.Coco.Checks;

/// <summary>What a check found.</summary>
/// <param name="Images">Number of images.</param>
/// <param name="Categories">Number of categories.</param>
/// <param name="Annotations">Number of annotations.</param>
/// <param name="Crowds">How many of them are crowd regions.</param>
/// <param name="ImagesWithoutObjects">Images without an annotation.</param>
/// <param name="Findings">What is wrong, the graver kinds first; empty when all is well.</param>
public sealed record CheckReport(
    int Images, int Categories, int Annotations, int Crowds, int ImagesWithoutObjects,
    IReadOnlyList<FindingGroup> Findings)
{
    /// <summary>Whether training or evaluation would stop or learn nonsense.</summary>
    public bool BreaksTraining => Findings.Any(f => f.Kind.BreaksTraining);
}
