namespace Dense.Coco.Annotations;

/// <summary>An annotated object, or a crowd of objects.</summary>
/// <param name="Id">Unique number.</param>
/// <param name="ImageId">The image that shows it.</param>
/// <param name="CategoryId">Its class.</param>
/// <param name="Box">Its box; null when the file gives none.</param>
/// <param name="Area">Its area in pixels, which decides its size class; null when the file gives none.</param>
/// <param name="IsCrowd">Whether it stands for a crowd: matched detections then count neither for nor against.</param>
/// <param name="Segmentation">Its shape.</param>
public readonly record struct CocoAnnotation(
    long Id, long ImageId, long CategoryId, BoxXywh? Box, double? Area, bool IsCrowd, Segmentation Segmentation);
