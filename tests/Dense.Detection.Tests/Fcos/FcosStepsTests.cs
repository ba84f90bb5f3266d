using System.Text.Json;
using Dense.Torch.Tests;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.Fcos;

/// <summary>Short trainings of whole models.</summary>
[LeakCheck]
[Trait("Category", "Golden")]
public sealed class FcosStepsTests
{
    private const double Exact = 1e-8;
    private const double Float64 = 1e-6;

    public static TheoryData<string, string> Cases() => FcosCase.Keys(p => p.Name == "steps");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Steps_EqualTheReference(string name, string key)
    {
        using DisposeScope scope = NewDisposeScope();
        var golden = new FcosCase(name);
        JsonElement facts = golden.Facts.GetProperty(key);
        GoldenArrays arrays = golden.Arrays(key);
        using var model = new FcosModel(golden);
        Dictionary<string, double[]> initial = model.State().ToDictionary(s => s.Key, s => s.Value.Doubles());

        double[] totals = Train(golden, facts, model, step =>
        {
            if (!facts.TryGetProperty($"state_after{step}", out JsonElement state))
                return;
            JsonElement rounding = facts.GetProperty(
                facts.TryGetProperty($"param_change_rel_vs_f64_after{step}", out _)
                    ? $"param_change_rel_vs_f64_after{step}" : "param_change_rel_vs_f64");
            Dictionary<string, Tensor> ours = model.State();
            Assert.Equal(state.EnumerateObject().Select(s => s.Name), ours.Keys);
            foreach (string array in arrays.Names.Where(a => a.StartsWith($"after{step}.", StringComparison.Ordinal)))
            {
                string tensor = array[(array.IndexOf('.', StringComparison.Ordinal) + 1)..];
                using Tensor expected = GoldenLevels.Read(arrays, array);
                double[] wanted = expected.Doubles();
                double change = TensorValues.Norm([.. wanted.Zip(initial[tensor], (a, b) => a - b)]);
                double difference = TensorValues.Norm([.. wanted.Zip(ours[tensor].Doubles(), (a, b) => a - b)]);
                double recorded = rounding.TryGetProperty(tensor, out JsonElement r) ? r.GetDouble() : 0;
                double allowed = Math.Clamp(10 * recorded, 1e-3, 5e-2) * change + 1e-7 * TensorValues.Norm(wanted);
                Assert.True(difference <= allowed, $"{array}: {difference} > {allowed}");
            }
        });

        foreach (var (record, total) in facts.GetProperty("records").EnumerateArray().Zip(totals))
        {
            int step = record.GetProperty("iter").GetInt32();
            double tolerance = step == 0 ? 1e-5 : step <= 2 ? 1e-4 : 1e-2;
            FcosLossesTests.Near(record.GetProperty("total").GetDouble(), total, tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void StepsInFloat64_EqualTheReferenceSharply(string name, string key)
    {
        using DisposeScope scope = NewDisposeScope();
        var golden = new FcosCase(name);
        JsonElement facts = golden.Facts.GetProperty(key);
        using var model = new FcosModel(golden, ScalarType.Float64);

        double[] totals = Train(golden, facts, model, _ => { }, channelsLast: true);

        foreach (var (record, total) in facts.GetProperty("records_float64").EnumerateArray().Zip(totals))
            FcosLossesTests.Near(record.GetProperty("total").GetDouble(), total, Float64);
        Dictionary<string, Tensor> state = model.State();
        foreach (JsonProperty expected in facts.GetProperty("state_after6_float64").EnumerateObject())
        {
            JsonElement positions = facts.GetProperty("state_after6").GetProperty(expected.Name).GetProperty("idx");
            GoldenSummary.Near(expected.Value, positions, state[expected.Name].Doubles(), Float64, expected.Name);
        }
    }

    private static double[] Train(
        FcosCase golden, JsonElement facts, FcosModel model, Action<int> afterStep, bool channelsLast = false)
    {
        var (parameters, optimiser) = model.Optimiser(channelsLast);
        using (parameters)
        using (optimiser)
        {
            var totals = new List<double>();
            var schedule = new Schedule(facts.GetProperty("options"));
            foreach (JsonElement record in facts.GetProperty("records").EnumerateArray())
            {
                double rate = schedule.Rate(totals.Count);
                Assert.Equal(record.GetProperty("lr")[0].GetDouble(), rate, rate * Exact);
                parameters.ZeroGradients();
                totals.Add(model.Backward([.. FcosCase.Names(record.GetProperty("batch")).Select(golden.Image)])
                    .Values.Sum());
                foreach (var group in optimiser.Groups)
                    group.LearningRate = rate;
                optimiser.Step();
                afterStep(totals.Count);
            }

            return [.. totals];
        }
    }

    // WarmupMultiStepLR (E-82) with the default factor γ = 0.1.
    private sealed class Schedule
    {
        private const double Epsilon = 1e-6;
        private readonly Dictionary<string, JsonElement> _options = [];

        public Schedule(JsonElement options)
        {
            JsonElement[] pairs = [.. options.EnumerateArray()];
            for (int i = 0; i < pairs.Length; i += 2)
                _options[pairs[i].GetString()!] = pairs[i + 1];
        }

        public double Rate(int t)
        {
            double n = Number("SOLVER.MAX_ITER"), x = t / n;
            double warmup = Math.Min(Number("SOLVER.WARMUP_ITERS") / n, 1), factor = Number("SOLVER.WARMUP_FACTOR");
            double Step(double at) => Math.Pow(0.1, _options["SOLVER.STEPS"].EnumerateArray()
                .Count(s => s.GetDouble() <= Math.Floor((at + Epsilon) * n)));
            double multiplier = x + Epsilon > warmup
                ? Step(x)
                : Step(warmup) * (x / warmup) + factor * Step(0) * (1 - x / warmup);
            return Number("SOLVER.BASE_LR") * multiplier;
        }

        private double Number(string key) => _options[key].GetDouble();
    }
}
