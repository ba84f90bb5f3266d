using Dense.Coco;
using Dense.Coco.Annotations;

namespace Dense.Training.Detection.Data;

/// <summary>An annotated object, or a crowd of them.</summary>
/// <param name="AnnotationId">Its id in the annotation file.</param>
/// <param name="Box">Its box, in pixels of the image file.</param>
/// <param name="ClassId">Its contiguous class number (E-93).</param>
/// <param name="IsCrowd">Whether it stands for a crowd, which training leaves out (E-114).</param>
/// <param name="Segmentation">Its shape.</param>
public readonly record struct ObjectRecord(
    long AnnotationId, BoxXywh Box, int ClassId, bool IsCrowd, Segmentation Segmentation);
