using System.Text.Encodings.Web;
using System.Text.Json;
using Dense.Checkpoints;
using Dense.Detection;

namespace Dense.Cli.Prediction;

/// <summary>
/// Detections as a file in COCO's annotation layout, with a <c>score</c> each: images with their file names,
/// categories, annotations. Annotation tools read it, and so does <c>densecl dataset check</c>.
/// </summary>
internal static class PredictionFile
{
    private static readonly JsonWriterOptions Options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the file; it appears when it is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="images">Each image's name with what was found in it; ids are distinct.</param>
    /// <param name="classes">What class numbers mean.</param>
    /// <param name="minimumScore">Weaker detections are left out.</param>
    public static void Write(
        string path,
        IReadOnlyList<(string Name, ImageDetections Detections)> images,
        PredictionClasses classes,
        double minimumScore) =>
        AtomicFile.Write(path, stream =>
        {
            using var json = new Utf8JsonWriter(stream, Options);
            json.WriteStartObject();
            WriteImages(json, images);
            WriteCategories(json, classes);
            json.WriteStartArray("annotations");
            long id = 0;
            foreach (var (_, detections) in images)
            {
                for (int i = 0; i < detections.Count && detections.Scores[i] >= minimumScore; i++)
                    WriteDetection(json, detections, i, ++id, classes);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });

    private static void WriteImages(
        Utf8JsonWriter json, IReadOnlyList<(string Name, ImageDetections Detections)> images)
    {
        json.WriteStartArray("images");
        foreach (var (name, detections) in images)
        {
            json.WriteStartObject();
            json.WriteNumber("id", detections.ImageId);
            json.WriteString("file_name", name.Replace('\\', '/'));
            json.WriteNumber("width", detections.Width);
            json.WriteNumber("height", detections.Height);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCategories(Utf8JsonWriter json, PredictionClasses classes)
    {
        json.WriteStartArray("categories");
        foreach (var (id, name) in classes.Ids.Zip(classes.Names))
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("name", name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteDetection(
        Utf8JsonWriter json, ImageDetections detections, int i, long id, PredictionClasses classes)
    {
        ReadOnlySpan<float> box = detections.Boxes.AsSpan(4 * i, 4);
        float width = box[2] - box[0], height = box[3] - box[1];
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteNumber("image_id", detections.ImageId);
        json.WriteNumber("category_id", classes.Ids[detections.Classes[i]]);
        json.WriteNumber("score", detections.Scores[i]);
        json.WriteStartArray("bbox");
        json.WriteNumberValue(box[0]);
        json.WriteNumberValue(box[1]);
        json.WriteNumberValue(width);
        json.WriteNumberValue(height);
        json.WriteEndArray();
        json.WriteNumber("area", detections.Masks is { } masks ? masks[i].Area : width * height);
        json.WriteNumber("iscrowd", 0);
        if (detections.Masks is { } all)
        {
            json.WriteStartObject("segmentation");
            json.WriteStartArray("size");
            json.WriteNumberValue(all[i].Height);
            json.WriteNumberValue(all[i].Width);
            json.WriteEndArray();
            json.WriteString("counts", all[i].ToText());
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
