using System.Text.Json;
using Dense.Checkpoints;
using Dense.Checkpoints.Conversion;

namespace Dense.Cli.Commands;

/// <summary>What <c>densecl inspect --json</c> writes. Programs read it: names here do not change.</summary>
internal static class InspectJson
{
    public static void Write(WeightFile file, Stream output)
    {
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("file", file.File.Name);
            json.WriteNumber("bytes", file.File.Length);
            json.WriteString("format", file.File.Format.ToString());
            json.WriteString("checksum", file.File.Checksum.ToString());
            json.WriteString("kind", file.Kind.ToString());
            json.WriteString("description", file.Description);
            json.WriteString("author", file.Author);
            WriteBackbone(json, file);
            json.WriteString("next", InspectCommand.NextCommand(file));
            json.WriteStartObject("metadata");
            foreach (var (key, value) in file.File.Metadata)
                json.WriteString(key, value);

            json.WriteEndObject();
            WriteTensors(json, NamedTensor.AllOf(file.File));
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static void WriteBackbone(Utf8JsonWriter json, WeightFile file)
    {
        if (file.Backbone.Count == 0)
        {
            json.WriteNull("backbone");
            return;
        }

        BackboneVerification verification = BackboneVerification.Check(file.Backbone);
        json.WriteStartObject("backbone");
        json.WriteNumber("depth", verification.Depth);
        json.WriteString("prefix", file.Prefix);
        json.WriteBoolean("good", verification.IsGood);
        json.WriteNumber("matched", verification.Report.Matched.Count);
        json.WriteNumber("missing", verification.Report.Missing.Count);
        json.WriteNumber("unexpected", verification.Report.Unexpected.Count);
        json.WriteNumber("otherShape", verification.Report.ShapeMismatches.Count);
        json.WriteNumber("notFinite", verification.NonFinite.Count);
        json.WriteEndObject();
    }

    private static void WriteTensors(Utf8JsonWriter json, IReadOnlyList<NamedTensor> tensors)
    {
        json.WriteStartArray("tensors");
        foreach (NamedTensor t in tensors)
        {
            json.WriteStartObject();
            json.WriteString("name", t.Name);
            json.WriteString("type", t.Tensor.ElementType.ToString());
            json.WriteStartArray("shape");
            foreach (long size in t.Tensor.Shape)
                json.WriteNumberValue(size);

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
