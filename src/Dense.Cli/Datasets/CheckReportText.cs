using System.Text.Encodings.Web;
using System.Text.Json;
using Dense.Coco.Checks;

namespace Dense.Cli.Datasets;

/// <summary>Shows what a check found, to people and to programs.</summary>
internal static class CheckReportText
{
    public static void Write(CheckReport report, TextWriter output)
    {
        output.WriteLine(
            $"{report.Images} images ({report.ImagesWithoutObjects} without objects), {report.Categories} categories, "
            + $"{report.Annotations} annotations ({report.Crowds} crowd regions)");
        foreach (FindingGroup group in report.Findings)
        {
            output.WriteLine();
            output.WriteLine($"{(group.Kind.BreaksTraining ? "error" : "note")}: {group.Count} {group.Kind.Title}");
            foreach (string where in group.First)
                output.WriteLine($"    {where}");

            if (group.Count > group.First.Count)
                output.WriteLine($"    … {group.Count - group.First.Count} more");

            output.WriteLine($"    {group.Kind.Remedy}");
        }

        output.WriteLine();
        output.WriteLine(
            report.BreaksTraining ? "This data set would break training." : "This data set is fit for training.");
    }

    // Programs read it: names here do not change.
    public static void WriteJson(CheckReport report, Stream output)
    {
        var options = new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(output, options))
        {
            json.WriteStartObject();
            json.WriteBoolean("breaks_training", report.BreaksTraining);
            json.WriteNumber("images", report.Images);
            json.WriteNumber("images_without_objects", report.ImagesWithoutObjects);
            json.WriteNumber("categories", report.Categories);
            json.WriteNumber("annotations", report.Annotations);
            json.WriteNumber("crowds", report.Crowds);
            json.WriteStartArray("findings");
            foreach (FindingGroup group in report.Findings)
            {
                json.WriteStartObject();
                json.WriteString("kind", group.Kind.Name);
                json.WriteBoolean("breaks_training", group.Kind.BreaksTraining);
                json.WriteNumber("count", group.Count);
                json.WriteStartArray("first");
                foreach (string where in group.First)
                    json.WriteStringValue(where);

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }
}
