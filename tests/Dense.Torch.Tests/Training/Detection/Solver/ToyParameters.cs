using System.IO.Hashing;
using System.Text;
using Dense.Detection;
using Dense.Training.Detection.Solver;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Training.Detection.Solver;

/// <summary>The four-layer network of the golden optimiser runs, without its layers: the parameters alone.</summary>
internal static class ToyParameters
{
    public static readonly (string Name, long[] Shape)[] Shapes =
    [
        ("conv.weight", [4, 3, 3, 3]), ("conv.bias", [4]),
        ("norm.weight", [4]), ("norm.bias", [4]),
        ("gn.weight", [4]), ("gn.bias", [4]),
        ("fc.weight", [6, 5]), ("fc.bias", [6]),
    ];

    /// <summary>The parameters with their initial values.</summary>
    public static IReadOnlyList<DetectorEntry> Create(ScalarType type = ScalarType.Float32) =>
        [.. Shapes.Select(s => new DetectorEntry(
            s.Name,
            new Parameter(Values("pieces/opt/" + s.Name, s.Shape).to(type)),
            s.Name.StartsWith("norm.") || s.Name.StartsWith("gn.")))];

    /// <summary>Writes the gradients of a step.</summary>
    public static void SetGradients(DetectionOptimizer optimizer, int step)
    {
        using var scope = NewDisposeScope();
        foreach (var (name, shape) in Shapes)
        {
            optimizer.Parameters.View(optimizer.Parameters.Gradients, optimizer.Parameters[name])
                .copy_(Values($"pieces/opt/grad{step}/{name}", shape));
        }
    }

    /// <summary>u of the fill rule.</summary>
    private static Tensor Values(string name, long[] shape)
    {
        ulong start = (ulong)Crc32.HashToUInt32(Encoding.UTF8.GetBytes(name)) << 32;
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
        {
            ulong z = start + (ulong)i + 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            z ^= z >> 31;
            values[i] = (float)((z >> 40) * Math.Pow(2, -23) - 1);
        }

        return tensor(values, shape);
    }
}
