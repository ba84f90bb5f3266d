using Dense.Coco.Annotations;

namespace Dense.Training.Detection.Data;

/// <summary>
/// The annotations of one file as all images of it share them: what an image needs is a range of
/// <paramref name="Order"/> (E-98).
/// </summary>
/// <param name="ImageFolder">Folder of the images.</param>
/// <param name="Annotations">All annotations, compact.</param>
/// <param name="Categories">From category ids to class numbers.</param>
/// <param name="Order">Positions in <paramref name="Annotations"/>, image after image.</param>
internal sealed record AnnotationTable(
    string ImageFolder, AnnotationList Annotations, CategoryMap Categories, int[] Order);
