using System.Text.Json;

namespace Dense.Imaging.Scenes;

/// <summary>Writes the annotation format of COCO.</summary>
internal static class CocoAnnotations
{
    public static void Write(Stream stream, IReadOnlyList<AnnotatedImage> images, SceneLook look, string description)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteStartObject("info");
        json.WriteString("description", description);
        json.WriteEndObject();

        json.WriteStartArray("categories");
        foreach (ShapeClass shape in look.Classes())
        {
            json.WriteStartObject();
            json.WriteNumber("id", shape.CategoryId());
            json.WriteString("name", shape.CategoryName());
            json.WriteString("supercategory", "shape");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteImages(json, images);
        WriteAnnotations(json, images);
        json.WriteEndObject();
    }

    private static void WriteImages(Utf8JsonWriter json, IReadOnlyList<AnnotatedImage> images)
    {
        json.WriteStartArray("images");
        foreach (AnnotatedImage image in images)
        {
            json.WriteStartObject();
            json.WriteNumber("id", image.Id);
            json.WriteString("file_name", image.FileName);
            json.WriteNumber("width", image.Size);
            json.WriteNumber("height", image.Size);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteAnnotations(Utf8JsonWriter json, IReadOnlyList<AnnotatedImage> images)
    {
        int id = 0;
        json.WriteStartArray("annotations");
        foreach (AnnotatedImage image in images)
        {
            foreach (AnnotatedObject o in image.Objects)
            {
                json.WriteStartObject();
                json.WriteNumber("id", ++id);
                json.WriteNumber("image_id", image.Id);
                json.WriteNumber("category_id", o.Shape.CategoryId());
                json.WriteNumber("iscrowd", 0);
                json.WriteNumber("area", o.Area);
                WriteNumbers(json, "bbox", [o.Box.X, o.Box.Y, o.Box.Width, o.Box.Height]);
                json.WriteStartArray("segmentation");
                foreach (IReadOnlyList<int> polygon in o.Polygons)
                    WriteNumbers(json, name: null, polygon);

                json.WriteEndArray();
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string? name, IReadOnlyList<int> numbers)
    {
        if (name is not null)
            json.WritePropertyName(name);

        json.WriteStartArray();
        foreach (int number in numbers)
            json.WriteNumberValue(number);

        json.WriteEndArray();
    }
}
