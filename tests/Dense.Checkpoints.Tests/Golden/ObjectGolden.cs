using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Dense.Checkpoints.Tests.Golden;

/// <summary>Compares Python values with their description in JSON.</summary>
internal static class ObjectGolden
{
    public static int Compare(JsonElement expected, JsonElement values, CheckpointFile read)
    {
        int compared = 0;
        foreach (JsonElement name in expected.GetProperty("must_load").EnumerateArray())
        {
            AssertValue(values.GetProperty(name.GetString()!), read.Map[name.GetString()!], name.GetString()!);
            compared++;
        }

        // The entries that may come out opaque must at least come out.
        Assert.Equal(values.EnumerateObject().Select(v => v.Name), read.Map.Keys.Cast<string>());
        return compared;
    }

    public static void AssertValue(JsonElement expected, object? actual, string where)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Null:
                Assert.Null(actual);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                Assert.Equal(expected.GetBoolean(), actual);
                break;
            case JsonValueKind.String:
                Assert.Equal(expected.GetString(), actual);
                break;
            case JsonValueKind.Number:
                AssertNumber(expected, actual);
                break;
            case JsonValueKind.Array:
                var items = Assert.IsAssignableFrom<IReadOnlyList<object?>>(actual);
                Assert.Equal(expected.GetArrayLength(), items.Count);
                for (int i = 0; i < items.Count; i++)
                    AssertValue(expected[i], items[i], $"{where}[{i}]");

                break;
            default:
                AssertObject(expected, actual, where);
                break;
        }
    }

    private static void AssertNumber(JsonElement expected, object? actual)
    {
        if (actual is long integer)
            Assert.Equal(expected.GetDouble(), integer);
        else
            Assert.Equal(expected.GetDouble(), Assert.IsType<double>(actual));
    }

    private static void AssertObject(JsonElement expected, object? actual, string where)
    {
        if (expected.TryGetProperty("int_decimal", out JsonElement digits))
            Assert.Equal(BigInteger.Parse(digits.GetString()!, CultureInfo.InvariantCulture), actual);
        else if (expected.TryGetProperty("numpy_scalar", out _))
            AssertValue(expected.GetProperty("value"), actual, where);
        else if (expected.TryGetProperty("bytes_hex", out JsonElement hex))
            Assert.Equal(Convert.FromHexString(hex.GetString()!), Assert.IsType<byte[]>(actual));
        else if (expected.TryGetProperty("tensor", out _) || expected.TryGetProperty("numpy", out _))
            AssertTensor(expected, Assert.IsType<TensorRecord>(actual));
        else
            AssertMap(expected, Assert.IsType<CheckpointMap>(actual), where);
    }

    private static void AssertMap(JsonElement expected, CheckpointMap actual, string where)
    {
        JsonProperty[] entries = [.. expected.EnumerateObject()];
        Assert.Equal(entries.Select(e => e.Name), actual.Keys.Select(k => k.ToString()));
        for (int i = 0; i < entries.Length; i++)
            AssertValue(entries[i].Value, actual.Values[i], $"{where}.{entries[i].Name}");
    }

    private static void AssertTensor(JsonElement expected, TensorRecord actual)
    {
        string type = (expected.TryGetProperty("tensor", out JsonElement t) ? t : expected.GetProperty("numpy"))
            .GetString()!;
        double[] values = [.. Flatten(expected.GetProperty("values"))];

        Assert.Equal(
            type.TrimStart('>').Replace("f4", "float32", StringComparison.Ordinal),
            actual.ElementType.ToString().ToLowerInvariant());
        Assert.Equal(values, Enumerable.Range(0, (int)actual.Count).Select(i => Element(actual, i)));
    }

    private static IEnumerable<double> Flatten(JsonElement values) => values.ValueKind switch
    {
        JsonValueKind.Array => values.EnumerateArray().SelectMany(Flatten),
        JsonValueKind.Number => [values.GetDouble()],
        _ => [values.GetBoolean() ? 1 : 0],
    };

    private static double Element(TensorRecord tensor, int index)
    {
        ReadOnlySpan<byte> bytes = tensor.Bytes.Span[(index * tensor.ElementType.SizeInBytes())..];
        return tensor.ElementType switch
        {
            ElementType.Float32 => BitConverter.ToSingle(bytes),
            ElementType.Int64 => BitConverter.ToInt64(bytes),
            ElementType.Int32 => BitConverter.ToInt32(bytes),
            _ => bytes[0],
        };
    }
}
