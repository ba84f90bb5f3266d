namespace Dense.Coco.Errors;

/// <summary>One error.</summary>
/// <param name="Kind">What went wrong.</param>
/// <param name="Detection">Position in the results; −1 for a missed object.</param>
/// <param name="Annotation">
/// Position in the annotations of the object concerned; −1 for a detection on background. For both, localisation and
/// classification errors it is the object that the detection overlaps most.
/// </param>
/// <param name="ImageId">The image.</param>
/// <param name="Score">The detection's score; 0 for a missed object.</param>
public sealed record DetectionError(ErrorKind Kind, int Detection, int Annotation, long ImageId, double Score);
