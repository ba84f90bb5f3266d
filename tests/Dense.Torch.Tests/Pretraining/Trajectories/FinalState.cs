using System.Text.Json;
using Dense.Checkpoints;
using Dense.Torch.Tests.Tensors;

namespace Dense.Torch.Tests.Pretraining.Trajectories;

/// <summary>Compares what a run ends with: weights, their change, momentum and first gradients.</summary>
internal sealed class FinalState(TrajectoryCase @case, TrajectoryRun run)
{
    private const string DeltaMark = "#delta";
    private readonly Dictionary<string, TensorRecord> _final = run.Final.ToDictionary(e => e.Key, e => e.Value);

    /// <summary>Compares with the statistics and samples of the float64 reference.</summary>
    public void Compare(JsonElement statistics, Dictionary<string, TensorRecord> samples)
    {
        double state = @case.Tolerance("float64", "state_abs")!.Value;
        double gradient = @case.Tolerance("float64", "grad_rel_l2_per_tensor")!.Value;
        double learningRate = @case.LearningRate;
        foreach (JsonProperty entry in statistics.EnumerateObject())
        {
            if (entry.Value.TryGetProperty("value", out JsonElement value))
            {
                double[] whole = [.. value.EnumerateArray().Select(v => v.GetDouble())];
                Assert.Equal(whole, _final[entry.Name].Doubles());
                continue;
            }

            CompareStatistics(entry, "final", Final(entry.Name), state);
            CompareStatistics(entry, "delta", Delta(entry.Name), state);

            // A change is the learning rate times a sum of momenta, so an error of the state is one of them enlarged.
            if (run.Momentum.TryGetValue(entry.Name, out double[]? momentum))
                CompareStatistics(entry, "momentum_buffer", momentum, state / learningRate);
            if (run.FirstGradients.TryGetValue(entry.Name, out double[]? first))
                CompareStatistics(entry, "grad_step0", first, gradient * TensorValues.Norm(first));
        }

        foreach (var (name, expected) in samples)
        {
            double distance = TensorValues.Distance(Sampled(name), expected.Doubles());
            Assert.True(distance <= state, $"Sample of {name}: {distance:g3} > {state:g3}");
        }
    }

    /// <summary>Compares the sampled changes of trained tensors with the float64 reference, relatively.</summary>
    public void CompareUpdates(double limit)
    {
        string rank = @case.WorldSize > 1 ? "_rank0" : "";
        foreach (var (name, expected) in @case.Tensors($"final_samples{rank}_f64.safetensors")!)
        {
            bool trained = name.EndsWith(DeltaMark, StringComparison.Ordinal)
                && run.Momentum.ContainsKey(name[..^DeltaMark.Length]);
            if (!trained)
                continue;

            double distance = TensorValues.RelativeDistance(Sampled(name), expected.Doubles());
            Assert.True(distance <= limit, $"Update of {name}: {distance:g3} > {limit:g3}");
        }
    }

    private double[] Final(string name) => _final[name].Doubles();

    private double[] Delta(string name) => [.. Final(name).Zip(run.Initial[name], (a, b) => a - b)];

    // Row-major positions floor(j·n/64), or all values of a small tensor.
    private double[] Sampled(string name)
    {
        double[] all = name.EndsWith(DeltaMark, StringComparison.Ordinal)
            ? Delta(name[..^DeltaMark.Length])
            : Final(name);
        return all.Length <= 64 ? all : [.. Enumerable.Range(0, 64).Select(j => all[(long)j * all.Length / 64])];
    }

    // Each statistic of x + e, with every |e| ≤ limit, is within the bound tested here.
    private static void CompareStatistics(JsonProperty entry, string what, double[] ours, double limit)
    {
        JsonElement theirs = entry.Value.GetProperty(what);
        double mean = ours.Average();
        Check("mean", mean, limit);
        Check("std", Math.Sqrt(ours.Average(v => (v - mean) * (v - mean))), 2 * limit);
        Check("l2", TensorValues.Norm(ours), limit * Math.Sqrt(ours.Length));
        Check("min", ours.Min(), limit);
        Check("max", ours.Max(), limit);
        double[] first = [.. theirs.GetProperty("first16").EnumerateArray().Select(v => v.GetDouble())];
        double distance = TensorValues.Distance(ours[..first.Length], first);
        Assert.True(distance <= limit, $"{entry.Name} {what}: first values differ by {distance:g3} > {limit:g3}");

        void Check(string statistic, double value, double bound)
        {
            double difference = Math.Abs(value - theirs.GetProperty(statistic).GetDouble());
            Assert.True(difference <= bound + 1e-14, $"{entry.Name} {what} {statistic}: {difference:g3} > {bound:g3}");
        }
    }
}
