using System.Text.Json;
using Dense.Coco.Files;
using Dense.Coco.Json;

namespace Dense.Coco.Annotations;

/// <summary>Writes COCO annotation files as they are made: memory does not grow with the file.</summary>
internal static class CocoDatasetWriter
{
    public static void Write(CocoDataset dataset, string path) =>
        AtomicWrite.To(path, stream => Write(dataset, stream));

    public static void Write(CocoDataset dataset, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, CocoJsonWriter.Options);
        json.WriteStartObject();
        WriteImages(json, dataset.Images);
        WriteCategories(json, dataset.Categories);
        if (dataset.HasAnnotations)
            WriteAnnotations(json, dataset.Annotations);

        json.WriteEndObject();
    }

    private static void WriteImages(Utf8JsonWriter json, List<CocoImage> images)
    {
        json.WriteStartArray("images"u8);
        foreach (CocoImage image in images)
        {
            json.WriteStartObject();
            json.WriteNumber("id"u8, image.Id);
            json.WriteString("file_name"u8, image.FileName);
            json.WriteNumber("width"u8, image.Width);
            json.WriteNumber("height"u8, image.Height);
            json.WriteEndObject();
            CocoJsonWriter.FlushWhenFull(json);
        }

        json.WriteEndArray();
    }

    private static void WriteCategories(Utf8JsonWriter json, List<CocoCategory> categories)
    {
        json.WriteStartArray("categories"u8);
        foreach (CocoCategory category in categories)
        {
            json.WriteStartObject();
            json.WriteNumber("id"u8, category.Id);
            json.WriteString("name"u8, category.Name);
            if (category.Supercategory.Length > 0)
                json.WriteString("supercategory"u8, category.Supercategory);

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteAnnotations(Utf8JsonWriter json, AnnotationList annotations)
    {
        json.WriteStartArray("annotations"u8);
        foreach (CocoAnnotation annotation in annotations)
        {
            json.WriteStartObject();
            json.WriteNumber("id"u8, annotation.Id);
            json.WriteNumber("image_id"u8, annotation.ImageId);
            json.WriteNumber("category_id"u8, annotation.CategoryId);
            json.WriteNumber("iscrowd"u8, annotation.IsCrowd ? 1 : 0);
            if (annotation.Area is { } area)
            {
                json.WritePropertyName("area"u8);
                CocoJsonWriter.WriteNumber(json, area);
            }

            if (annotation.Box is { } box)
                CocoJsonWriter.WriteBox(json, box);

            CocoJsonWriter.WriteSegmentation(json, annotation.Segmentation);
            json.WriteEndObject();
            CocoJsonWriter.FlushWhenFull(json);
        }

        json.WriteEndArray();
    }
}
