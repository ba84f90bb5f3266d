using System.Text.Json;
using Dense.Torch.Tests.Tensors;
using static TorchSharp.torch;

namespace Dense.Detection.Tests;

/// <summary>What the golden data say of tensors that they do not hold in full.</summary>
internal static class GoldenFacts
{
    /// <summary>A golden JSON file.</summary>
    public static JsonDocument Read(params string[] parts) =>
        JsonDocument.Parse(File.ReadAllBytes(Golden.Require(["detection", .. parts])));

    /// <summary><c>facts.json</c> of a model's folder, such as <c>fcos/small</c>.</summary>
    public static JsonDocument Of(string folder) => Read([.. folder.Split('/'), "facts.json"]);

    /// <summary>An array of whole numbers.</summary>
    public static long[] Longs(this JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetInt64())];

    /// <summary>An array of numbers.</summary>
    public static double[] Numbers(this JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetDouble())];

    /// <summary>Values of a tensor at row-major positions, widened to double.</summary>
    public static double[] At(this Tensor tensor, JsonElement positions)
    {
        long[] wanted = positions.Longs();
        double[] all = tensor.Doubles();
        return [.. wanted.Select(i => all[i])];
    }
}
