using System.Numerics;

namespace Dense.Checkpoints;

/// <summary>Words for the values that a checkpoint holds.</summary>
public static class CheckpointValue
{
    /// <summary>
    /// Says what a value is, in a few words: <c>a tensor Float32 [64, 3, 7, 7]</c>, <c>a map of 3 entries</c>.
    /// </summary>
    public static string Describe(object? value) => value switch
    {
        null => "None",
        bool flag => flag ? "True" : "False",
        long or int or BigInteger => $"the whole number {Shorten(value.ToString()!)}",
        double or float => $"the number {value}",
        string text => $"the text '{Shorten(text)}'",
        byte[] bytes => $"{bytes.Length} bytes",
        TensorRecord tensor => $"a tensor {tensor.ElementType} [{string.Join(", ", tensor.Shape)}]",
        CheckpointMap map => $"a map of {map.Count} entries",
        CheckpointTuple tuple => $"a tuple of {tuple.Count}",
        IReadOnlyList<object?> list => $"a list of {list.Count}",
        OpaqueValue opaque => $"an object of {Shorten(opaque.Description)}",
        _ => $"a {value.GetType().Name}",
    };

    internal static string Shorten(string text, int limit = 60) => text.Length <= limit ? text : text[..limit] + "…";
}
