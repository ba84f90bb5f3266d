using System.Buffers.Text;
using System.Text.Json;
using Dense.Coco.Annotations;

namespace Dense.Coco.Json;

/// <summary>Writes the fields that annotation files and results files share.</summary>
internal static class CocoJsonWriter
{
    private const int FlushEvery = 1 << 16;

    /// <summary>Text is written as it is; only what JSON demands is escaped.</summary>
    public static readonly JsonWriterOptions Options =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Writes a double with the digits that give it back, and a fraction even when it is whole, as Python does.
    /// </summary>
    public static void WriteNumber(Utf8JsonWriter json, double value)
    {
        Span<byte> digits = stackalloc byte[40];
        Utf8Formatter.TryFormat(value, digits, out int length);
        if (digits[..length].IndexOfAny("eE."u8) < 0)
        {
            ".0"u8.CopyTo(digits[length..]);
            length += 2;
        }

        json.WriteRawValue(digits[..length], skipInputValidation: true);
    }

    /// <summary>Hands on what is written now and then, so that memory does not grow with the file.</summary>
    public static void FlushWhenFull(Utf8JsonWriter json)
    {
        if (json.BytesPending > FlushEvery)
            json.Flush();
    }

    /// <summary>Writes a box under the name "bbox".</summary>
    public static void WriteBox(Utf8JsonWriter json, in BoxXywh box)
    {
        json.WriteStartArray("bbox"u8);
        WriteNumber(json, box.X);
        WriteNumber(json, box.Y);
        WriteNumber(json, box.Width);
        WriteNumber(json, box.Height);
        json.WriteEndArray();
    }

    /// <summary>Writes a shape under the name "segmentation"; nothing when there is none.</summary>
    public static void WriteSegmentation(Utf8JsonWriter json, Segmentation segmentation)
    {
        switch (segmentation.Kind)
        {
            case SegmentationKind.RunLength:
                (int height, int width) = segmentation.RunLengthSize();
                json.WriteStartObject("segmentation"u8);
                json.WriteStartArray("size"u8);
                json.WriteNumberValue(height);
                json.WriteNumberValue(width);
                json.WriteEndArray();
                json.WriteString("counts"u8, segmentation.RunLengthText());
                json.WriteEndObject();
                break;

            case SegmentationKind.Polygons:
                json.WriteStartArray("segmentation"u8);
                foreach (double[] polygon in segmentation.ToPolygons())
                {
                    json.WriteStartArray();
                    foreach (double value in polygon)
                        WriteNumber(json, value);

                    json.WriteEndArray();
                }

                json.WriteEndArray();
                break;
        }
    }
}
