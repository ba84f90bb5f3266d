using Dense.Coco.Annotations;

namespace Dense.Coco.Results;

/// <summary>One detected object.</summary>
/// <param name="ImageId">The image it was found in.</param>
/// <param name="CategoryId">Its class, an id of the annotation file.</param>
/// <param name="Score">Confidence; larger is surer.</param>
/// <param name="Box">Its box; null when only a mask was found.</param>
/// <param name="Segmentation">Its mask.</param>
public readonly record struct Detection(
    long ImageId, long CategoryId, double Score, BoxXywh? Box, Segmentation Segmentation = default);
