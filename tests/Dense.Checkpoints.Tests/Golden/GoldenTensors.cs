using System.Text.Json;

namespace Dense.Checkpoints.Tests.Golden;

/// <summary>Compares what was read with the expected tensors, bit for bit.</summary>
internal static class GoldenTensors
{
    /// <summary>The expected tensors that stand beside an expectation file.</summary>
    public static IReadOnlyDictionary<string, TensorRecord> Load(string expectation)
    {
        string path = expectation.Replace(".expected.json", ".expected.safetensors", StringComparison.Ordinal);
        var arrays = new GoldenArrays(path);
        return arrays.Names.ToDictionary(name => name, name => Record(arrays[name]), StringComparer.Ordinal);
    }

    private static TensorRecord Record(GoldenArray array) =>
        new(Enum.Parse<ElementType>(array.ElementType), array.Shape, array.Bytes);

    public static void AssertEqual(TensorRecord expected, TensorRecord actual, string name)
    {
        Assert.Equal((name, expected.ElementType), (name, actual.ElementType));
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.True(expected.Bytes.Span.SequenceEqual(actual.Bytes.Span), $"The values of '{name}' differ.");
    }

    /// <summary>Compares a map's tensors with lines of [name, shape, type] in order.</summary>
    public static void AssertLayout(JsonElement lines, CheckpointMap map)
    {
        var expected = lines.EnumerateArray().Select(l => $"{l[0]} {l[1].GetRawText().Replace(" ", "")} {l[2]}");
        var actual =
            map.Tensors.Select(
            t => $"{t.Key} [{string.Join(",", t.Value.Shape)}] {t.Value.ElementType.ToString().ToLowerInvariant()}");

        Assert.Equal(expected, actual);
        Assert.Equal(map.Count, map.Tensors.Count());
    }
}
