using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace Dense.Checkpoints.Safetensors;

/// <summary>Writes safetensors files.</summary>
internal static class SafetensorsWriter
{
    private const int Alignment = 8;

    /// <summary>Writes the tensors in the order given.</summary>
    /// <exception cref="ArgumentException">Two tensors of one name, or a reserved name.</exception>
    public static void Write(
        Stream stream,
        IReadOnlyList<KeyValuePair<string, TensorRecord>> tensors,
        IReadOnlyDictionary<string, string>? metadata)
    {
        var json = new ArrayBufferWriter<byte>();
        WriteHeader(json, tensors, metadata);
        int padding = -json.WrittenCount & (Alignment - 1);
        json.GetSpan(padding)[..padding].Fill((byte)' ');
        json.Advance(padding);

        Span<byte> prefix = stackalloc byte[SafetensorsReader.PrefixSize];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, json.WrittenCount);
        stream.Write(prefix);
        stream.Write(json.WrittenSpan);
        foreach (var (_, tensor) in tensors)
            stream.Write(tensor.Bytes.Span);
    }

    private static void WriteHeader(
        IBufferWriter<byte> json,
        IReadOnlyList<KeyValuePair<string, TensorRecord>> tensors,
        IReadOnlyDictionary<string, string>? metadata)
    {
        using var writer = new Utf8JsonWriter(json);
        writer.WriteStartObject();
        if (metadata is { Count: > 0 })
        {
            writer.WriteStartObject("__metadata__");
            foreach (var (key, value) in metadata)
                writer.WriteString(key, value);

            writer.WriteEndObject();
        }

        long at = 0;
        var names = new HashSet<string>(StringComparer.Ordinal) { "__metadata__" };
        foreach (var (name, tensor) in tensors)
        {
            if (!names.Add(name))
                throw new ArgumentException(
                    $"A safetensors file cannot hold two tensors named '{name}'.", nameof(tensors));

            writer.WriteStartObject(name);
            writer.WriteString("dtype", SafetensorsTypes.NameOf(tensor.ElementType));
            WriteNumbers(writer, "shape", tensor.Shape);
            WriteNumbers(writer, "data_offsets", [at, at + tensor.Bytes.Length]);
            writer.WriteEndObject();
            at += tensor.Bytes.Length;
        }

        writer.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string name, IReadOnlyList<long> numbers)
    {
        writer.WriteStartArray(name);
        foreach (long number in numbers)
            writer.WriteNumberValue(number);

        writer.WriteEndArray();
    }
}
