namespace Dense.Coco.Evaluation;

/// <summary>The outcome of an evaluation.</summary>
/// <param name="Settings">What was evaluated and how.</param>
/// <param name="Metrics">COCO's twelve numbers.</param>
/// <param name="Categories">The numbers of each class, by ascending id; empty when classes are not told apart.</param>
/// <param name="Arrays">Precision, scores and recall behind the numbers.</param>
/// <param name="Warnings">What the user should know about the input.</param>
public sealed record EvaluationResult(
    EvaluationSettings Settings,
    CocoMetrics Metrics,
    IReadOnlyList<CategoryMetrics> Categories,
    EvaluationArrays Arrays,
    IReadOnlyList<string> Warnings);
