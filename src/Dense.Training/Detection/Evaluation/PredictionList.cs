using Dense.Coco;
using Dense.Coco.Annotations;
using Dense.Coco.Results;
using Dense.Detection;
using CocoDetection = Dense.Coco.Results.Detection;

namespace Dense.Training.Detection.Evaluation;

/// <summary>
/// What a detector found in the images of a test set, in the order of the images: plain records, made as soon as an
/// image
/// is done so that no mask in image size is kept (E-122, E-123).
/// </summary>
public sealed class PredictionList
{
    private readonly DetectionList _records;
    private readonly List<(long Id, int Count)> _images;

    /// <summary>Creates an empty list.</summary>
    public PredictionList()
        : this([], [])
    {
    }

    /// <summary>The list of records that were made elsewhere.</summary>
    internal PredictionList(DetectionList records, IEnumerable<(long Id, int Count)> images)
    {
        _records = records;
        _images = [.. images];
        HasMasks = records.Any(r => r.Segmentation.Kind != SegmentationKind.None);
    }

    /// <summary>The records; their category is the contiguous class number.</summary>
    public DetectionList Records => _records;

    /// <summary>The processed images with the number of their records, those without any included.</summary>
    public IReadOnlyList<(long Id, int Count)> Images => _images;

    /// <summary>Whether some record has a mask.</summary>
    public bool HasMasks { get; private set; }

    /// <summary>Takes in one image.</summary>
    public void Add(ImageDetections detections)
    {
        for (int i = 0; i < detections.Count; i++)
        {
            // Differences in float32, as the reference takes them, before they are widened.
            ReadOnlySpan<float> box = detections.Boxes.AsSpan(4 * i, 4);
            float width = box[2] - box[0], height = box[3] - box[1];
            _records.Add(new CocoDetection(
                detections.ImageId,
                detections.Classes[i],
                detections.Scores[i],
                new BoxXywh(box[0], box[1], width, height),
                detections.Masks is { } masks ? Segmentation.FromMask(masks[i]) : Segmentation.None));
        }

        _images.Add((detections.ImageId, detections.Count));
        HasMasks |= detections.Masks is { Count: > 0 };
    }

    /// <summary>The records with the category ids of the data set (E-124).</summary>
    /// <exception cref="CocoFormatException">A class number is beyond the data set's classes; names it.</exception>
    public DetectionList WithCategoryIds(CategoryMap categories)
    {
        var results = new DetectionList();
        foreach (CocoDetection record in _records)
            results.Add(record with { CategoryId = categories.ToCategoryId((int)record.CategoryId) });

        return results;
    }
}
