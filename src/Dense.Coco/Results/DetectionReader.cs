using System.Text.Json;
using Dense.Coco.Annotations;
using Dense.Coco.Json;

namespace Dense.Coco.Results;

/// <summary>Reads COCO results files in one pass.</summary>
internal static class DetectionReader
{
    public static DetectionList Read(string path) => JsonFile.Read(path, Parse);

    public static DetectionList Read(Stream stream, string name) => JsonFile.Read(stream, name, Parse);

    private static DetectionList Parse(ref JsonCursor json)
    {
        json.Read();
        json.Expect(JsonTokenType.StartArray, "a results file, a list of detections (an object at the top is an " +
            "annotation file)");
        var detections = new DetectionList();
        var segmentation = new SegmentationParser();
        for (json.Index = 0; json.NextElement(); json.Index++)
        {
            json.Expect(JsonTokenType.StartObject, "a detection");
            ReadDetection(ref json, segmentation, detections);
        }

        json.Index = -1;
        return detections;
    }

    private static void ReadDetection(ref JsonCursor json, SegmentationParser segmentation, DetectionList detections)
    {
        var row = new DetectionList.Row { Box = AnnotationList.Row.NoBox, Score = double.NaN };
        bool hasImage = false, hasCategory = false;
        segmentation.Clear();
        while (json.NextField())
        {
            if (json.NameIs("image_id"u8, "image_id"))
                (row.ImageId, hasImage) = (ReadInteger(ref json), true);
            else if (json.NameIs("category_id"u8, "category_id"))
                (row.CategoryId, hasCategory) = (ReadInteger(ref json), true);
            else if (json.NameIs("score"u8, "score"))
            {
                json.Read();
                row.Score = json.Number();
            }
            else if (json.NameIs("bbox"u8, "bbox"))
                row.Box = BoxParser.Read(ref json);
            else if (json.NameIs("segmentation"u8, "segmentation"))
                segmentation.Read(ref json);
            else
                json.SkipValue();
        }

        json.Field = null;
        if (!hasImage || !hasCategory || double.IsNaN(row.Score))
        {
            string missing = !hasImage ? "image_id" : !hasCategory ? "category_id" : "score";
            throw json.Error($"the field '{missing}' is missing");
        }

        detections.Records.Add(row, segmentation.Encoded);
    }

    private static long ReadInteger(ref JsonCursor json)
    {
        json.Read();
        return json.Integer();
    }
}
