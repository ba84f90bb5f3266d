using System.Text.Json;
using Dense.Checkpoints.Files;

namespace Dense.Checkpoints.Safetensors;

/// <summary>
/// The JSON header: for each tensor its type, shape and byte range; and texts under <c>__metadata__</c>.
/// </summary>
internal sealed class SafetensorsHeader
{
    private const string MetadataName = "__metadata__";
    private const int MostDimensions = 64;

    private readonly ByteSource _source;
    private readonly MemoryBudget _budget;

    private SafetensorsHeader(ByteSource source, MemoryBudget budget)
    {
        (_source, _budget) = (source, budget);
    }

    /// <summary>The tensors, in the order of the header.</summary>
    public OrderedDictionary<string, SafetensorsEntry> Entries { get; } = new(StringComparer.Ordinal);

    /// <summary>The texts.</summary>
    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Parses a header.</summary>
    /// <exception cref="CheckpointFormatException">It is not what a safetensors header must be.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, ByteSource source, MemoryBudget budget)
    {
        var header = new SafetensorsHeader(source, budget);
        try
        {
            header.Read(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw source.Refuse(SafetensorsReader.PrefixSize, $"the header is no valid JSON: {e.Message}", e);
        }

        return header;
    }

    private void Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        Expect(ref reader, JsonTokenType.StartObject);
        bool hasMetadata = false;
        while (NextProperty(ref reader) is { } name)
        {
            _budget.Take(256 + (4L * name.Length), null, "the safetensors header");
            if (name != MetadataName)
            {
                if (!Entries.TryAdd(name, ReadEntry(ref reader, name)))
                    throw Refuse($"two tensors are named '{CheckpointValue.Shorten(name)}'.");
            }
            else if (hasMetadata)
            {
                throw Refuse($"'{MetadataName}' occurs twice.");
            }
            else
            {
                hasMetadata = true;
                ReadMetadata(ref reader);
            }
        }

        if (reader.Read())
            throw Refuse("more follows the end of the header's JSON.");
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject);
        while (NextProperty(ref reader) is { } key)
        {
            Expect(ref reader, JsonTokenType.String);
            string value = reader.GetString()!;
            _budget.Take(128 + (2L * (key.Length + value.Length)), null, "the safetensors metadata");
            if (!Metadata.TryAdd(key, value))
                throw Refuse($"the metadata key '{CheckpointValue.Shorten(key)}' occurs twice.");
        }
    }

    private SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string tensor)
    {
        ElementType? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        Expect(ref reader, JsonTokenType.StartObject);
        while (NextProperty(ref reader) is { } property)
        {
            switch (property)
            {
                case "dtype" when type is null:
                    Expect(ref reader, JsonTokenType.String);
                    string name = reader.GetString()!;
                    type = SafetensorsTypes.Parse(name) ??
                        throw Refuse($"{Quote(tensor)} has the type '{CheckpointValue.Shorten(name)}', which cannot " +
                            "be read.");
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader);
                    break;
                default:
                    throw Refuse(
                        $"{Quote(tensor)} has an unknown or doubled field '{CheckpointValue.Shorten(property)}'.");
            }
        }

        if (type is null || shape is null || offsets is not { Length: 2 })
            throw Refuse($"{Quote(tensor)} lacks its dtype, shape or two data_offsets.");

        return new SafetensorsEntry(type.Value, shape, offsets[0], offsets[1]);
    }

    private long[] ReadNumbers(ref Utf8JsonReader reader)
    {
        var numbers = new List<long>();
        Expect(ref reader, JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0 ||
                numbers.Count == MostDimensions)
            {
                throw Refuse("a shape or range should hold a few whole numbers that are not negative.");
            }

            numbers.Add(number);
        }

        return [.. numbers];
    }

    private string? NextProperty(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
            throw Refuse("the header's JSON ends too early.");

        return reader.TokenType == JsonTokenType.EndObject ? null : reader.GetString();
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (!reader.Read() || reader.TokenType != type)
            throw Refuse($"the header's JSON should have {type} at its byte {reader.TokenStartIndex}, " +
                $"but has {reader.TokenType}.");
    }

    private static string Quote(string tensor) => $"the tensor '{CheckpointValue.Shorten(tensor)}'";

    private CheckpointFormatException Refuse(string problem) => _source.Refuse(SafetensorsReader.PrefixSize, problem);
}
