using System.Collections;

namespace Dense.Coco.Annotations;

/// <summary>
/// The annotations of a data set in file order, held compactly: about 110 bytes and the shape for each.
/// </summary>
public sealed class AnnotationList : IReadOnlyList<CocoAnnotation>
{
    private readonly PagedList<Row> _rows = new();
    private readonly SegmentationStore _segmentations = new();

    /// <summary>Number of annotations.</summary>
    public int Count => _rows.Count;

    /// <summary>The annotation at a position.</summary>
    public CocoAnnotation this[int index]
    {
        get
        {
            ref readonly Row row = ref _rows[index];
            return new CocoAnnotation(
                row.Id,
                row.ImageId,
                row.CategoryId,
                double.IsNaN(row.Box.X) ? null : row.Box,
                double.IsNaN(row.Area) ? null : row.Area,
                row.IsCrowd,
                _segmentations[row.Segmentation]);
        }
    }

    /// <summary>Appends an annotation.</summary>
    public void Add(in CocoAnnotation annotation) =>
        Add(
            new Row
            {
                Id = annotation.Id,
                ImageId = annotation.ImageId,
                CategoryId = annotation.CategoryId,
                Box = annotation.Box ?? Row.NoBox,
                Area = annotation.Area ?? double.NaN,
                IsCrowd = annotation.IsCrowd,
            },
            annotation.Segmentation.Encoded.Span);

    /// <inheritdoc/>
    public IEnumerator<CocoAnnotation> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Add(Row row, ReadOnlySpan<byte> segmentation)
    {
        row.Segmentation = _segmentations.Add(segmentation);
        _rows.Add(row);
    }

    internal ref readonly Row RowAt(int index) => ref _rows[index];

    internal Segmentation SegmentationAt(int index) => _segmentations[_rows[index].Segmentation];

    /// <summary>An annotation as it lies in memory; what is absent is NaN.</summary>
    internal struct Row
    {
        public static readonly BoxXywh NoBox = new(double.NaN, double.NaN, double.NaN, double.NaN);

        public long Id;
        public long ImageId;
        public long CategoryId;
        public BoxXywh Box;
        public double Area;
        public SegmentationStore.Handle Segmentation;
        public bool IsCrowd;
    }
}
