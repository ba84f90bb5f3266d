using System.Collections;
using Dense.Coco.Annotations;

namespace Dense.Coco.Results;

/// <summary>
/// Detections in the order in which they were made, which decides between equal scores. Held compactly.
/// </summary>
/// <remarks>
/// What pycocotools' <c>loadRes</c> adds to each record comes by itself: its id is its position plus one, a missing box
/// is the mask's tight box, a missing mask the box's four corners, and the area is that of what the record gave.
/// </remarks>
public sealed class DetectionList : IReadOnlyList<Detection>
{
    /// <summary>Number of detections.</summary>
    public int Count => Records.Count;

    /// <summary>The detection at a position.</summary>
    public Detection this[int index]
    {
        get
        {
            ref readonly Row row = ref Records[index];
            return new Detection(
                row.ImageId,
                row.CategoryId,
                row.Score,
                double.IsNaN(row.Box.X) ? null : row.Box,
                Records.SegmentationAt(index));
        }
    }

    /// <summary>Reads a results file, packed with gzip or not: a JSON list of records.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="CocoFormatException">The file is not a COCO results file; names the place in it.</exception>
    public static DetectionList Load(string path) => DetectionReader.Read(path);

    /// <summary>Reads a results file from a stream, packed with gzip or not.</summary>
    /// <param name="stream">The content.</param>
    /// <param name="name">Its name in error messages.</param>
    /// <exception cref="CocoFormatException">The content is not a COCO results file; names the place in it.</exception>
    public static DetectionList Load(Stream stream, string name) => DetectionReader.Read(stream, name);

    /// <summary>
    /// Writes a results file in the form of detectron2 (E-123, E-124); it appears only when it is complete.
    /// </summary>
    /// <param name="path">Path of the file; packed with gzip when it ends in <c>.gz</c>.</param>
    public void Save(string path) => DetectionWriter.Write(this, path);

    /// <summary>Writes a results file into a stream, unpacked.</summary>
    /// <param name="stream">Where to; stays open.</param>
    public void Save(Stream stream) => DetectionWriter.Write(this, stream);

    /// <summary>Appends a detection.</summary>
    /// <exception cref="ArgumentException">The score is not a number.</exception>
    public void Add(in Detection detection)
    {
        if (double.IsNaN(detection.Score))
            throw new ArgumentException("The score of a detection is not a number.", nameof(detection));

        Records.Add(
            new Row
            {
                ImageId = detection.ImageId,
                CategoryId = detection.CategoryId,
                Score = detection.Score,
                Box = detection.Box ?? AnnotationList.Row.NoBox,
            },
            detection.Segmentation.Encoded.Span);
    }

    /// <summary>What the list holds, as it lies in memory.</summary>
    internal RecordStore<Row> Records { get; } = new();

    /// <inheritdoc/>
    public IEnumerator<Detection> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>A detection as it lies in memory; a box that is absent is NaN.</summary>
    internal struct Row
    {
        public long ImageId;
        public long CategoryId;
        public double Score;
        public BoxXywh Box;
    }
}
