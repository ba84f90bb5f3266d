using System.Collections;

namespace Dense.Coco.Annotations;

/// <summary>
/// The annotations of a data set in file order, held compactly: about 110 bytes and the shape for each.
/// </summary>
public sealed class AnnotationList : IReadOnlyList<CocoAnnotation>
{
    /// <summary>Number of annotations.</summary>
    public int Count => Records.Count;

    /// <summary>The annotation at a position.</summary>
    public CocoAnnotation this[int index]
    {
        get
        {
            ref readonly Row row = ref Records[index];
            return new CocoAnnotation(
                row.Id,
                row.ImageId,
                row.CategoryId,
                double.IsNaN(row.Box.X) ? null : row.Box,
                double.IsNaN(row.Area) ? null : row.Area,
                row.IsCrowd,
                Records.SegmentationAt(index));
        }
    }

    /// <summary>Appends an annotation.</summary>
    public void Add(in CocoAnnotation annotation) =>
        Records.Add(
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

    /// <summary>What the list holds, as it lies in memory.</summary>
    internal RecordStore<Row> Records { get; } = new();

    /// <inheritdoc/>
    public IEnumerator<CocoAnnotation> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>An annotation as it lies in memory; what is absent is NaN.</summary>
    internal struct Row
    {
        public static readonly BoxXywh NoBox = new(double.NaN, double.NaN, double.NaN, double.NaN);

        public long Id;
        public long ImageId;
        public long CategoryId;
        public BoxXywh Box;
        public double Area;
        public bool IsCrowd;
    }
}
