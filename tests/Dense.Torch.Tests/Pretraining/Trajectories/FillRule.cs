using System.IO.Hashing;
using System.Text;

namespace Dense.Torch.Tests.Pretraining.Trajectories;

/// <summary>The rule by which the golden trajectories give every parameter its initial value.</summary>
internal sealed record FillRule(ulong CaseSeed, double BnWeightJitter, double BiasJitter, double RunningStatJitter)
{
    /// <summary>The values of one floating-point tensor, exact in float32.</summary>
    public float[] Values(string name, IReadOnlyList<long> shape)
    {
        long count = shape.Aggregate(1L, (a, b) => a * b);
        double fanIn = shape.Count < 2 ? 1 : count / shape[0];
        string last = name[(name.LastIndexOf('.') + 1)..];
        ulong state = (CaseSeed << 32) | Crc32.HashToUInt32(Encoding.UTF8.GetBytes(name));
        var values = new float[count];
        for (long i = 0; i < count; i++)
        {
            double t = 2 * ((Next(state, i) >> 11) * Math.Pow(2, -53)) - 1;
            values[i] = (float)(shape.Count >= 2 ? t * Math.Sqrt(6 / fanIn) : last switch
            {
                "weight" => 1 + BnWeightJitter * t,
                "bias" => BiasJitter * t,
                "running_mean" => RunningStatJitter * t,
                "running_var" => 1 + RunningStatJitter * t,
                _ => throw new InvalidDataException(name),
            });
        }

        return values;
    }

    /// <summary>SplitMix64.</summary>
    public static ulong Next(ulong state, long index)
    {
        ulong z = state + (ulong)(index + 1) * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
