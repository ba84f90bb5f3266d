using Dense.Coco.Annotations;

namespace Dense.Training.Detection.Data;

/// <summary>
/// An annotated image (E-94). Small: the annotations lie in memory that all images and threads share.
/// </summary>
public sealed class ImageRecord
{
    private readonly AnnotationTable _table;
    private readonly CocoImage _image;
    private readonly int _first;

    internal ImageRecord(AnnotationTable table, CocoImage image, int first, int count) =>
        (_table, _image, _first, ObjectCount) = (table, image, first, count);

    /// <summary>Its id in the annotation file.</summary>
    public long ImageId => _image.Id;

    /// <summary>Its file.</summary>
    public string FileName => Path.Combine(_table.ImageFolder, _image.FileName);

    /// <summary>Annotated height in pixels; 0 when the annotation file gives none.</summary>
    public int Height => _image.Height;

    /// <summary>Annotated width in pixels; 0 when the annotation file gives none.</summary>
    public int Width => _image.Width;

    /// <summary>Number of annotated objects, crowds included.</summary>
    public int ObjectCount { get; }

    /// <summary>The annotated objects, crowds included, in the order of the file.</summary>
    public IEnumerable<ObjectRecord> Objects
    {
        get
        {
            for (int i = 0; i < ObjectCount; i++)
                yield return ObjectAt(i);
        }
    }

    private ObjectRecord ObjectAt(int index)
    {
        CocoAnnotation annotation = _table.Annotations[_table.Order[_first + index]];
        return new ObjectRecord(
            annotation.Id,
            annotation.Box!.Value,
            _table.Categories.ToContiguous(annotation.CategoryId),
            annotation.IsCrowd,
            annotation.Segmentation);
    }
}
