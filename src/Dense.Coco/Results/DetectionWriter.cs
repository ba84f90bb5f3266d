using System.Text.Json;
using Dense.Coco.Files;
using Dense.Coco.Json;

namespace Dense.Coco.Results;

/// <summary>
/// Writes COCO results files: fields in detectron2's order, doubles with the digits that give them back.
/// </summary>
internal static class DetectionWriter
{
    public static void Write(DetectionList detections, string path) =>
        AtomicWrite.To(path, stream => Write(detections, stream));

    public static void Write(DetectionList detections, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, CocoJsonWriter.Options);
        json.WriteStartArray();
        foreach (Detection detection in detections)
        {
            json.WriteStartObject();
            json.WriteNumber("image_id"u8, detection.ImageId);
            json.WriteNumber("category_id"u8, detection.CategoryId);
            if (detection.Box is { } box)
                CocoJsonWriter.WriteBox(json, box);

            json.WritePropertyName("score"u8);
            CocoJsonWriter.WriteNumber(json, detection.Score);
            CocoJsonWriter.WriteSegmentation(json, detection.Segmentation);
            json.WriteEndObject();
            CocoJsonWriter.FlushWhenFull(json);
        }

        json.WriteEndArray();
    }
}
