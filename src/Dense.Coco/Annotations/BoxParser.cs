using System.Text.Json;
using Dense.Coco.Json;

namespace Dense.Coco.Annotations;

/// <summary>Reads the value of a "bbox" field.</summary>
internal static class BoxParser
{
    /// <summary>
    /// Reads [x, y, width, height]; null and an empty list give <see cref="AnnotationList.Row.NoBox"/>.
    /// </summary>
    public static BoxXywh Read(ref JsonCursor json)
    {
        json.Read();
        if (json.Token == JsonTokenType.Null)
            return AnnotationList.Row.NoBox;

        json.Expect(JsonTokenType.StartArray, "[x, y, width, height]");
        if (!json.NextElement())
            return AnnotationList.Row.NoBox;

        double x = json.Number();
        double y = Next(ref json);
        double width = Next(ref json);
        double height = Next(ref json);
        if (json.NextElement())
            throw json.Error("the box has more than the four numbers x, y, width, height");

        return new BoxXywh(x, y, width, height);
    }

    private static double Next(ref JsonCursor json)
    {
        json.Read();
        return json.Number();
    }
}
