using Dense.Checkpoints;
using Dense.Coco;
using Dense.Coco.Annotations;
using CocoDetection = Dense.Coco.Results.Detection;

namespace Dense.Training.Detection.Evaluation;

/// <summary><c>instances_predictions.pth</c>: the predictions before their classes are mapped to the data set's
/// (E-125).</summary>
internal static class PredictionFile
{
    /// <summary>Writes the file, atomically.</summary>
    public static void Write(string path, PredictionList predictions)
    {
        var images = new List<object?>(predictions.Images.Count);
        int next = 0;
        foreach (var (id, count) in predictions.Images)
        {
            var records = new List<object?>(count);
            for (int end = next + count; next < end; next++)
                records.Add(Record(predictions.Records[next]));

            images.Add(new CheckpointMap { { "image_id", id }, { "instances", records } });
        }

        TorchFile.Write(path, images);
    }

    private static CheckpointMap Record(CocoDetection detection)
    {
        BoxXywh box = detection.Box!.Value;
        var record = new CheckpointMap
        {
            { "image_id", detection.ImageId },
            { "category_id", detection.CategoryId },
            { "bbox", new List<object?> { box.X, box.Y, box.Width, box.Height } },
            { "score", detection.Score },
        };
        if (detection.Segmentation.Kind == SegmentationKind.RunLength)
        {
            (int height, int width) = detection.Segmentation.RunLengthSize();
            record.Add("segmentation", new CheckpointMap
            {
                { "size", new List<object?> { (long)height, (long)width } },
                { "counts", detection.Segmentation.RunLengthText() },
            });
        }

        return record;
    }
}
