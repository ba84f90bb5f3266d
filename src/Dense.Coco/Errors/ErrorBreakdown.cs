namespace Dense.Coco.Errors;

/// <summary>All errors of an evaluation at IoU 0.5 with at most 100 detections an image and class.</summary>
/// <param name="Errors">Each error, image by image.</param>
/// <param name="Summaries">Count and cost of each kind, in the order of <see cref="ErrorKind"/>.</param>
/// <param name="RightDetections">Positions in the results of the detections that are right.</param>
/// <param name="Ap50">AP at IoU 0.5, the mean over the classes that have objects.</param>
public sealed record ErrorBreakdown(
    IReadOnlyList<DetectionError> Errors,
    IReadOnlyList<ErrorSummary> Summaries,
    IReadOnlyList<int> RightDetections,
    double Ap50);
