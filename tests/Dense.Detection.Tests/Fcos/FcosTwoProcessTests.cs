using System.Text.Json;
using Dense.Distributed;
using Dense.Torch.Tests.Pretraining.Trajectories;
using Dense.Torch.Tests.Ranks;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.Fcos;

/// <summary>Several ranks against the reference's several processes.</summary>
[Trait("Category", "Golden")]
public sealed class FcosTwoProcessTests
{
    private const double Loss = 1e-5;
    private const double Float64 = 1e-6;

    [Fact]
    public void Ranks_EqualTheReferencesProcesses()
    {
        using JsonDocument file = GoldenFacts.Of("fcos/two_process");
        JsonElement facts = file.RootElement;

        Rank[] ranks = Run(facts, ScalarType.Float32);

        for (int rank = 0; rank < ranks.Length; rank++)
            AssertFloat32(facts, rank, ranks[rank]);
    }

    [Fact]
    public void RanksInFloat64_EqualTheReferencesProcessesSharply()
    {
        using JsonDocument file = GoldenFacts.Of("fcos/two_process");
        JsonElement facts = file.RootElement;

        Rank[] ranks = Run(facts, ScalarType.Float64);

        for (int rank = 0; rank < ranks.Length; rank++)
            AssertFloat64(facts, rank, ranks[rank]);
    }

    [Fact]
    [Trait("Category", "Mpi")]
    public void Processes_EqualTheReferences() => RankTest.Run<FcosTwoProcessTests>(2, ranks =>
    {
        using JsonDocument file = GoldenFacts.Of("fcos/two_process");
        AssertFloat32(file.RootElement, ranks.Rank, OfRank(file.RootElement, ranks, ScalarType.Float32));
        AssertFloat64(file.RootElement, ranks.Rank, OfRank(file.RootElement, ranks, ScalarType.Float64));
    });

    private static void AssertFloat32(JsonElement facts, int number, Rank rank)
    {
        foreach (JsonElement record in facts.GetProperty("ranks")[number].EnumerateArray())
        {
            int step = record.GetProperty("iter").GetInt32();
            double tolerance = step == 0 ? Loss : step <= 2 ? 1e-4 : 1e-2;
            FcosLossesTests.Near(record.GetProperty("total").GetDouble(), rank.Totals[step], tolerance);
        }

        foreach (JsonProperty gradient in facts.GetProperty("gradient_step0").EnumerateObject())
        {
            double tolerance = Math.Clamp(10 * gradient.Value.GetProperty("rel_l2_vs_f64").GetDouble(), 1e-3, 5e-2);
            GoldenSummary.NearInNorm(gradient.Value, rank.Gradients[gradient.Name], tolerance, gradient.Name);
        }

        foreach (JsonProperty buffer in facts.GetProperty("buffers_after_step0").EnumerateObject())
        {
            GoldenSummary.Near(
                buffer.Value, buffer.Value.GetProperty("idx"), rank.Buffers[buffer.Name], 5e-5, buffer.Name);
        }
    }

    private static void AssertFloat64(JsonElement facts, int number, Rank rank)
    {
        foreach (JsonElement record in facts.GetProperty("ranks_float64")[number].EnumerateArray())
        {
            FcosLossesTests.Near(
                record.GetProperty("total").GetDouble(), rank.Totals[record.GetProperty("iter").GetInt32()], Float64);
        }

        foreach (JsonProperty expected in facts.GetProperty("state_after_4_steps").EnumerateObject())
        {
            double tolerance = Math.Max(5 * expected.Value.GetProperty("rel_l2_vs_f64").GetDouble(), 1e-5);
            GoldenSummary.NearInNorm(expected.Value, rank.State[expected.Name], tolerance, expected.Name);
        }
    }

    private static Rank[] Run(JsonElement facts, ScalarType type) => ThreadedCollectives.Run(
        facts.GetProperty("batches_per_rank").GetArrayLength(), collectives => OfRank(facts, collectives, type));

    private static Rank OfRank(JsonElement facts, ICollectives collectives, ScalarType type)
    {
        var golden = new FcosCase("small");
        double[] rates =
            [.. facts.GetProperty("ranks")[0].EnumerateArray().Select(r => r.GetProperty("lr").GetDouble())];
        string[] batch = [.. FcosCase.Names(facts.GetProperty("batches_per_rank")[collectives.Rank])];
        return Train(golden, collectives, [.. batch.Select(golden.Image)], rates, type);
    }

    private static Rank Train(
        FcosCase golden, ICollectives collectives, IReadOnlyList<InputImage> images, double[] rates, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        using var model = new FcosModel(GoldenModels.Synchronised(golden.Settings()), collectives, type);
        var (parameters, optimiser) = model.Optimiser(channelsLast: false);
        using (parameters)
        using (optimiser)
        {
            var totals = new List<double>();
            Dictionary<string, double[]> gradients = [], buffers = [];
            foreach (double rate in rates)
            {
                parameters.ZeroGradients();
                totals.Add(model.Backward(images).Values.Sum());
                collectives.SumInPlace(parameters.Gradients);
                parameters.Gradients.div_(collectives.WorldSize);
                if (totals.Count == 1)
                    (gradients, buffers) = (model.Gradients(), Values(model));
                foreach (var group in optimiser.Groups)
                    group.LearningRate = rate;
                optimiser.Step();
            }

            return new Rank([.. totals], gradients, buffers, Values(model));
        }
    }

    private static Dictionary<string, double[]> Values(FcosModel model) =>
        model.State().ToDictionary(s => s.Key, s => s.Value.Doubles(), StringComparer.Ordinal);

    private sealed record Rank(
        double[] Totals,
        Dictionary<string, double[]> Gradients,
        Dictionary<string, double[]> Buffers,
        Dictionary<string, double[]> State);
}
