using System.Text.Json;
using Dense.Checkpoints;
using Dense.Distributed;
using Dense.Pretraining;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Pretraining.Trajectories;

[Trait("Category", "Golden")]
[LeakCheck]
public class TrajectoryTests
{
    public static TheoryData<string> Cases => Golden.Cases("pretraining/trajectories");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Float64_FollowsTheReferenceToTheLastStep(string name)
    {
        var @case = new TrajectoryCase(name);

        TrajectoryRun[] runs = TrajectoryRun.Of(@case, ScalarType.Float64, channelsLast: false);

        CompareFloat64(@case, runs);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Float64_FollowsTheReferenceWithChannelsLast(string name)
    {
        var @case = new TrajectoryCase(name);

        TrajectoryRun[] runs = TrajectoryRun.Of(@case, ScalarType.Float64, channelsLast: true);

        CompareFloat64(@case, runs);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Float32_FollowsTheReferenceAsFarAsRoundingAllows(string name)
    {
        var @case = new TrajectoryCase(name);

        TrajectoryRun[] runs = TrajectoryRun.Of(@case, ScalarType.Float32, channelsLast: false);

        CompareFloat32(@case, runs);
        if (@case.Tolerance("float32", "update_rel_l2_per_trained_tensor") is double updateLimit)
            new FinalState(@case, runs[0]).CompareUpdates(updateLimit);
    }

    // Without the updates of several steps: their limit was measured row by row, and another rounding may flip a ReLU.
    // With channels last it does: an input of step 3, -1.2e-6 in float64, moves an update of the warm-up case by 1.4 %.
    [Theory]
    [MemberData(nameof(Cases))]
    public void Float32_FollowsTheReferenceWithChannelsLast(string name)
    {
        var @case = new TrajectoryCase(name);

        TrajectoryRun[] runs = TrajectoryRun.Of(@case, ScalarType.Float32, channelsLast: true);

        CompareFloat32(@case, runs);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void SaveState_ListsTheEntriesOfTheReferenceInItsOrder(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        var @case = new TrajectoryCase(name);
        if (@case.Json("state_names.json") is not JsonElement names)
        {
            Assert.True(@case.WorldSize > 1, "Only cases of several ranks come without a list of names.");
            return;
        }

        using PretrainingMethod method = @case.Build(SingleProcess.Instance);

        Assert.Equal(
            names.EnumerateArray().Select(e => $"{e[0].GetString()} [{string.Join(", ", e[1].EnumerateArray())}]"),
            method.SaveState().Select(e => $"{e.Key} [{string.Join(", ", e.Value.Shape)}]"));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void FillRule_GivesTheStoredInitialState(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        var @case = new TrajectoryCase(name);
        Dictionary<string, TensorRecord>? stored = @case.Tensors("initial_state.safetensors");
        using PretrainingMethod method = @case.Build(SingleProcess.Instance);

        Dictionary<string, TensorRecord> filled = @case.InitialState(method.SaveState());

        Assert.All(stored ?? [], e => Assert.Equal(e.Value.Doubles(), filled[e.Key].Doubles()));
        if (@case.Inputs.TryGetValue("normalized_step0_sample0", out TensorRecord? input))
        {
            using Tensor image = TrajectoryRun.Normalise(@case.Inputs["images_u8"].ToTensor()[0][0]);
            Assert.Equal(input.Doubles(), image.Doubles());
        }
    }

    [Fact]
    public void FillRule_GivesTheTestVectorOfItsDescription()
    {
        Assert.Equal(0x6ff2dd6e986c842fUL, FillRule.Next(0x1cb487135, 0));
        Assert.Equal(0xbd9d65834596e2beUL, FillRule.Next(0x1cb487135, 2));
    }

    private static void CompareFloat64(TrajectoryCase @case, TrajectoryRun[] runs)
    {
        double lossLimit = @case.Tolerance("float64", "loss_abs")!.Value;
        double gradientLimit = @case.Tolerance("float64", "grad_rel_l2_per_tensor")!.Value;
        for (int rank = 0; rank < runs.Length; rank++)
        {
            CompareSteps(@case.StepsOf("f64", rank), runs[rank], _ => lossLimit, gradientLimit);
            CompareObserved(@case, "f64", @case.Tolerance("float64", "intermediates_abs")!.Value, runs[rank], rank);
        }

        foreach (var (name, expected) in @case.Tensors("grads_step0_f64.safetensors")!)
        {
            double distance = TensorValues.RelativeDistance(runs[0].FirstGradients[name], expected.Doubles());
            Assert.True(distance <= gradientLimit, $"Gradient of {name}: {distance:g3} > {gradientLimit:g3}");
        }

        string rank0 = runs.Length > 1 ? "_rank0" : "";
        new FinalState(@case, runs[0]).Compare(
            @case.Json($"final_stats{rank0}_f64.json")!.Value, @case.Tensors($"final_samples{rank0}_f64.safetensors")!);
        for (int rank = 1; rank < runs.Length; rank++)
        {
            new FinalState(@case, runs[rank]).Compare(
                @case.Json($"bn_stats_rank{rank}_f64.json")!.Value,
                @case.Tensors($"bn_samples_rank{rank}_f64.safetensors")!);
            CompareRanks(runs[0], runs[rank]);
        }
    }

    private static void CompareFloat32(TrajectoryCase @case, TrajectoryRun[] runs)
    {
        double features = @case.Tolerance("float32", "features_abs_step0")!.Value;
        for (int rank = 0; rank < runs.Length; rank++)
        {
            CompareFloat32Steps(@case, runs[rank], rank);
            CompareObserved(@case, "f64", features, runs[rank], rank, onlyFirstStep: true);
        }

        if (@case.Tolerance("float32", "grad_step0_rel_l2_per_tensor") is not double gradientLimit)
            return;

        foreach (var (name, expected) in @case.Tensors("grads_step0_f32.safetensors")
            ?? @case.Tensors("grads_step0_f64.safetensors")!)
        {
            double distance = TensorValues.RelativeDistance(runs[0].FirstGradients[name], expected.Doubles());
            Assert.True(distance <= gradientLimit, $"Gradient of {name}: {distance:g3} > {gradientLimit:g3}");
        }
    }

    private static void CompareFloat32Steps(TrajectoryCase @case, TrajectoryRun run, int rank)
    {
        double first = @case.Tolerance("float32", "loss_abs_step0")!.Value;
        double later = @case.Tolerance("float32", "loss_abs_comparable_steps")!.Value;
        int steps = (int)@case.Tolerance("float32", "comparable_steps")!.Value;
        JsonElement[] comparable = [.. @case.StepsOf("f64", rank).EnumerateArray().Take(steps)];
        for (int i = 0; i < comparable.Length; i++)
        {
            foreach (JsonProperty loss in comparable[i].GetProperty("losses").EnumerateObject())
                Assert.Equal(loss.Value.GetDouble(), run.Scalars[i][loss.Name], i == 0 ? first : later);
        }
    }

    private static void CompareSteps(
        JsonElement expected, TrajectoryRun run, Func<int, double> lossLimit, double gradientLimit)
    {
        Assert.Equal(expected.GetArrayLength(), run.Scalars.Count);
        for (int i = 0; i < run.Scalars.Count; i++)
        {
            Dictionary<string, double> ours = run.Scalars[i];
            foreach (JsonProperty loss in expected[i].GetProperty("losses").EnumerateObject())
                Assert.Equal(loss.Value.GetDouble(), ours[loss.Name], lossLimit(i));
            Assert.Equal(expected[i].GetProperty("total").GetDouble(), ours["total"], 2 * lossLimit(i));
            foreach (var (theirName, ourName) in RawLosses)
            {
                if (expected[i].TryGetProperty(theirName, out JsonElement raw))
                    Assert.Equal(raw.GetDouble(), ours[ourName], 4 * lossLimit(i)); // Divided by its weight, 1/2.
            }

            double norm = expected[i].GetProperty("grad_l2").GetDouble();
            if (i == 0)
                Assert.Equal(norm, ours["grad_l2"], gradientLimit * norm);
        }
    }

    private static (string Theirs, string Ours)[] RawLosses =>
        [("loss_single_unweighted", "raw_loss_single"), ("loss_dense_unweighted", "raw_loss_dense"),
            ("lambda", "lambda")];

    private static void CompareObserved(
        TrajectoryCase @case, string precision, double limit, TrajectoryRun run, int rank, bool onlyFirstStep = false)
    {
        string prefix = @case.WorldSize > 1 && !@case.IsSupervised ? $"rank{rank}." : "";
        foreach (var (name, expected) in @case.Tensors($"intermediates_{precision}.safetensors")!)
        {
            if (!name.StartsWith(prefix, StringComparison.Ordinal))
                continue;

            string own = name[prefix.Length..];
            if (onlyFirstStep && !own.StartsWith("step0.", StringComparison.Ordinal))
                continue;

            Assert.True(run.Observed.TryGetValue(own, out double[]? ours), $"{own} was not observed.");
            double[] theirs = expected.Doubles();
            double distance = TensorValues.Distance(ours!, theirs);

            // Backbone features are no unit vectors: they reach 192, and there the limit is taken of the largest.
            // As it stands it is out of reach with ResNet-50: five steps enlarge the last bits of the weights to 1e-7.
            // The stored values are those of one BLAS, 5e-8 from the same steps in 80 bits, 8e-8 from another BLAS.
            double scale = own.EndsWith("eval_backbone_features", StringComparison.Ordinal) ? theirs.Max(Math.Abs) : 1;
            double allowed = expected.ElementType == ElementType.Int64 ? 0 : limit * Math.Max(1, scale);
            Assert.True(distance <= allowed, $"{name}: {distance:g3} > {allowed:g3}");
        }
    }

    // Everything but the running statistics is equal on all ranks, to the last bit.
    private static void CompareRanks(TrajectoryRun first, TrajectoryRun other)
    {
        foreach (var (a, b) in first.Final.Zip(other.Final))
        {
            if (!a.Key.Contains("running_", StringComparison.Ordinal))
                Assert.True(a.Value.Bytes.Span.SequenceEqual(b.Value.Bytes.Span), a.Key);
        }
    }
}
