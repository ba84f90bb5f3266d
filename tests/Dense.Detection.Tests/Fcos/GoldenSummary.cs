using System.Text.Json;
using Dense.Torch.Tests.Tensors;

namespace Dense.Detection.Tests.Fcos;

/// <summary>Compares tensors with the few numbers that the facts keep of them.</summary>
internal static class GoldenSummary
{
    // Numbers in JSON files have nine digits.
    private const double NineDigits = 1e-8;

    /// <summary>Asserts that listed values and Euclidean norm agree within a share of the largest listed value and of
    /// the norm.</summary>
    public static void Near(JsonElement expected, JsonElement positions, double[] actual, double tolerance, string name)
    {
        double[] listed = expected.GetProperty("val").Numbers();
        double[] ours = [.. positions.Longs().Select(i => actual[i])];
        double largest = listed.Max(Math.Abs), norm = expected.GetProperty("l2").GetDouble();
        double limit = tolerance + NineDigits;
        double difference = TensorValues.Distance(listed, ours), ofNorm = Math.Abs(TensorValues.Norm(actual) - norm);
        Assert.True(difference <= limit * largest, $"{name}: listed values differ by {difference} of {largest}");
        Assert.True(ofNorm <= limit * norm, $"{name}: norm {TensorValues.Norm(actual)}, expected {norm}");
    }

    /// <summary>Asserts that the distance of the listed values is at most a share of their norm.</summary>
    public static void NearInNorm(JsonElement expected, double[] actual, double tolerance, string name)
    {
        double[] listed = expected.GetProperty("val").Numbers();
        double[] ours = [.. expected.GetProperty("idx").Longs().Select(i => actual[i])];
        double difference = TensorValues.RelativeDistance(ours, listed);
        double norm = expected.GetProperty("l2").GetDouble();
        Assert.True(difference <= tolerance, $"{name}: listed values differ by {difference}, allowed {tolerance}");
        Assert.True(Math.Abs(TensorValues.Norm(actual) - norm) <= tolerance * norm, $"{name}: norm");
    }
}
