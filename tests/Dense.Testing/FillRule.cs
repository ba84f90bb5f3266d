using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace Dense.Testing;

/// <summary>
/// The rule by which the golden detectors get their weights: every value follows from a tensor's name and its position
/// (golden/detection/fill_rule.json).
/// </summary>
public sealed class FillRule
{
    private readonly uint _salt;
    private readonly IReadOnlyList<SuffixRule> _rules;

    private FillRule(uint salt, IReadOnlyList<SuffixRule> rules)
    {
        _salt = salt;
        _rules = rules;
    }

    /// <summary>Reads the rule of a model.</summary>
    /// <param name="path">The rule's file.</param>
    /// <param name="model"><c>fcos</c> or <c>solov2</c>.</param>
    public static FillRule Read(string path, string model)
    {
        using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(path));
        return new FillRule(
            file.RootElement.GetProperty("salt").GetUInt32(),
            [.. file.RootElement.GetProperty(model).EnumerateArray().Select(r => new SuffixRule(
                r.GetProperty("suffix").GetString()!,
                r.GetProperty("kind").GetString()!,
                r.GetProperty("a").GetDouble(),
                r.GetProperty("b").GetDouble()))]);
    }

    /// <summary>The rule of the golden data; see <see cref="Read"/>.</summary>
    public static FillRule Of(string model) => Read(Golden.Require("detection", "fill_rule.json"), model);

    /// <summary>The values of a tensor in row-major order, exact in float32.</summary>
    /// <param name="name">Its full name in the state dictionary.</param>
    /// <param name="shape">Its shape.</param>
    public float[] Values(string name, IReadOnlyList<long> shape)
    {
        long count = shape.Aggregate(1L, (a, b) => a * b);
        double fanIn = shape.Count < 2 ? 1 : count / shape[0];
        var (offset, scale) = Line(name, shape.Count, fanIn);
        ulong start = Start(name);
        var values = new float[count];
        for (int i = 0; i < values.Length; i++)
        {
            // Two roundings: the product must not be contracted into the sum.
            double product = scale * Uniform(start + (ulong)i);
            values[i] = (float)(offset + product);
        }

        return values;
    }

    /// <summary>The number u of a name and a position, in [−1, 1).</summary>
    public double Uniform(string name, int index) => Uniform(Start(name) + (ulong)index);

    private ulong Start(string name) => (ulong)(Crc32.HashToUInt32(Encoding.UTF8.GetBytes(name)) ^ _salt) << 32;

    // SplitMix64's finaliser.
    private static double Uniform(ulong position)
    {
        ulong z = position + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;
        return (z >> 40) * (1.0 / (1 << 23)) - 1;
    }

    // Values are offset + scale·u.
    private (double Offset, double Scale) Line(string name, int dimensions, double fanIn)
    {
        double spread = Math.Sqrt(6 / fanIn);
        SuffixRule? rule = _rules.FirstOrDefault(r => name.EndsWith(r.Suffix, StringComparison.Ordinal));
        return rule?.Kind switch
        {
            "int" => (0, 0),
            "affine" => (rule.A, rule.B),
            "fanin" => (0, rule.A * spread),
            null when dimensions >= 2 => (0, spread),
            null when name.EndsWith(".weight", StringComparison.Ordinal) => (1, 0.25),
            null when name.EndsWith(".bias", StringComparison.Ordinal) => (0, 0.1),
            _ => throw new InvalidDataException($"The fill rule has no value for {name}."),
        };
    }

    private sealed record SuffixRule(string Suffix, string Kind, double A, double B);
}
