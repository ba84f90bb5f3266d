using Dense.Coco.Annotations;

namespace Dense.Coco.Evaluation;

/// <summary>The twelve numbers of one class.</summary>
/// <param name="Category">The class.</param>
/// <param name="Metrics">Its numbers.</param>
public sealed record CategoryMetrics(CocoCategory Category, CocoMetrics Metrics);
