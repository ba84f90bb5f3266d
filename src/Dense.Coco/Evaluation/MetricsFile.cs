using System.Text.Json;
using Dense.Coco.Files;
using Dense.Coco.Json;

namespace Dense.Coco.Evaluation;

/// <summary>Writes metrics for programs to read: fractions with all digits, −1 where COCO says −1.</summary>
public static class MetricsFile
{
    /// <summary>
    /// Writes <c>{"bbox": {"AP": …, …, "ARl": …, "per_category": {"name": AP, …}}}</c>, or the same under "segm". The
    /// file appears only when it is complete.
    /// </summary>
    /// <param name="result">What to write.</param>
    /// <param name="path">Path of the file.</param>
    public static void Save(EvaluationResult result, string path) =>
        AtomicWrite.To(path, stream => Write(result, stream));

    /// <summary>Writes the same document to a stream.</summary>
    public static void Write(EvaluationResult result, Stream stream)
    {
        JsonWriterOptions options = CocoJsonWriter.Options;
        options.Indented = true;
        using var json = new Utf8JsonWriter(stream, options);
        json.WriteStartObject();
        json.WriteStartObject(TaskName(result.Settings.Task));
        foreach ((string name, double value) in result.Metrics.ToList())
            WriteValue(json, name, value);

        json.WriteStartObject("per_category"u8);
        ILookup<string, CategoryMetrics> byName = result.Categories.ToLookup(c => c.Category.Name);
        foreach (CategoryMetrics category in result.Categories)
        {
            // Names need not be unique; as keys they must be.
            string name = category.Category.Name;
            WriteValue(json, byName[name].Count() == 1
                ? name
                : $"{name} ({category.Category.Id})", category.Metrics.AP);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>COCO's name of a task: "bbox" or "segm".</summary>
    public static string TaskName(EvaluationTask task) => task == EvaluationTask.Box ? "bbox" : "segm";

    private static void WriteValue(Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        CocoJsonWriter.WriteNumber(json, value);
    }
}
