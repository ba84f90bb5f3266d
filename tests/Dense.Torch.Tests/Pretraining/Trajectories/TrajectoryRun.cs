using Dense.Checkpoints;
using Dense.Distributed;
using Dense.Pretraining;
using Dense.Torch.Flat;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Pretraining.Trajectories;

/// <summary>What one rank saw while it ran a case; all values widened to double.</summary>
internal sealed record TrajectoryRun(
    List<Dictionary<string, double>> Scalars,
    Dictionary<string, double[]> Observed,
    Dictionary<string, double[]> FirstGradients,
    Dictionary<string, double[]> Momentum,
    Dictionary<string, double[]> Initial,
    IReadOnlyList<KeyValuePair<string, TensorRecord>> Final)
{
    private static readonly float[] Mean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] Deviation = [0.229f, 0.224f, 0.225f];

    /// <summary>Runs all ranks of a case with the product's own classes.</summary>
    public static TrajectoryRun[] Of(
        TrajectoryCase @case, ScalarType type, bool channelsLast, bool overlaps = false) =>
        @case.IsSupervised || @case.WorldSize == 1
            ? [OfRank(@case, SingleProcess.Instance, type, channelsLast, overlaps)]
            : ThreadedCollectives.Run(@case.WorldSize, c => OfRank(@case, c, type, channelsLast, overlaps));

    /// <summary>The network's input: float32, every operation rounded.</summary>
    public static Tensor Normalise(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor mean = tensor(Mean).view(3, 1, 1), deviation = tensor(Deviation).view(3, 1, 1);
        return ((images.to(ScalarType.Float32) / tensor(255f) - mean) / deviation).MoveToOuterDisposeScope();
    }

    /// <summary>Runs one rank of a case.</summary>
    public static TrajectoryRun OfRank(
        TrajectoryCase @case, ICollectives collectives, ScalarType type, bool channelsLast, bool overlaps = false)
    {
        using DisposeScope scope = NewDisposeScope();
        using PretrainingMethod method = @case.Build(collectives);

        // The other ranks keep their own random weights until they receive those of rank 0.
        if (collectives.Rank == 0)
            method.LoadState(@case.InitialState(method.SaveState())).RequireComplete("fill rule");
        method.Place(new PlacementSettings { Type = type, ChannelsLast = channelsLast });
        method.CopyFromFirstRank();

        var run = new TrajectoryRun([], [], [], [], [], []);
        foreach (var (name, record) in method.SaveState())
            run.Initial[name] = record.Doubles();

        using var sgd = new FlatSgd(method.Parameters, [@case.Group(method.Parameters)]);
        for (int step = 0; step < @case.Steps; step++)
            run.Step(@case, method, sgd, step, overlaps ? new SegmentedBackward() : null);
        foreach (var (slot, momentum) in sgd.MomentumBySlot())
            run.Momentum[slot.Name] = momentum.Doubles();

        method.eval();
        using (no_grad())
        {
            Tensor first = run.Batch(@case, method, 0).Images;
            Tensor query = @case.IsSupervised ? first : first.select(1, 0);
            run.Observed["after_last_step.eval_backbone_features"] = method.Extract(query)[^1].Doubles();
        }

        return run with { Final = method.SaveState() };
    }

    /// <summary>Requires that two runs saw the same bits.</summary>
    public static void AssertSame(TrajectoryRun expected, TrajectoryRun found)
    {
        Assert.Equal(expected.Scalars, found.Scalars);
        Assert.Equal(expected.FirstGradients, found.FirstGradients);
        Assert.Equal(expected.Momentum, found.Momentum);
        Assert.Equal(expected.Final.Count, found.Final.Count);
        foreach (var ((name, a), (_, b)) in expected.Final.Zip(found.Final))
            Assert.True(a.Bytes.Span.SequenceEqual(b.Bytes.Span), $"{name} differs.");
    }

    private PretrainingBatch Batch(TrajectoryCase @case, PretrainingMethod method, int step)
    {
        string prefix = method.Collectives.WorldSize > 1 ? $"rank{method.Collectives.Rank}." : "";
        Tensor images = Normalise(@case.Inputs[prefix + "images_u8"].ToTensor()[step]).to(method.Placement.Type);
        return new PretrainingBatch(
            images, @case.IsSupervised ? @case.Inputs[prefix + "labels"].ToTensor()[step] : null);
    }

    private void Step(
        TrajectoryCase @case, PretrainingMethod method, FlatSgd sgd, int step, SegmentedBackward? segments)
    {
        using DisposeScope scope = NewDisposeScope();
        var seen = new Dictionary<string, Tensor>();
        StepResult result = method.Step(Batch(@case, method, step), new StepContext(step)
        {
            Figures = true,
            Segments = segments,
            KeyPermutation = @case.Inputs.TryGetValue("shuffle_perm", out TensorRecord? p) ? p.ToTensor()[step] : null,
            Observe = (name, tensor) => seen[name] = tensor.detach().clone().DetachFromDisposeScope(),
        });
        method.Gradients.Backward(result.Total, segments);

        var scalars = result.Losses.Concat(result.Figures).ToDictionary(s => s.Name, s => s.Value.Doubles()[0]);
        scalars["total"] = result.Total.Doubles()[0];
        scalars["grad_l2"] = method.Parameters.GradientNorm().Doubles()[0];
        Scalars.Add(scalars);

        Derive(seen);
        foreach (var (name, value) in seen)
        {
            Observed[$"step{step}.{name}"] = value.Doubles();
            value.Dispose();
        }

        if (step == 0)
        {
            foreach (FlatSlot slot in method.Parameters.Slots.Where(s => s.Trainable))
                FirstGradients[slot.Name] = method.Parameters.View(method.Parameters.Gradients, slot).Doubles();
        }

        sgd.Step();
        method.Parameters.ZeroGradients();
    }

    // The product never holds the negative logits; the reference's follow from what it does hold.
    private static void Derive(Dictionary<string, Tensor> seen)
    {
        if (!seen.TryGetValue("q", out Tensor? q))
            return;

        seen["l_pos"] = (q * seen["k"]).sum(dim: 1, keepdim: true);
        seen["l_neg"] = q.matmul(seen["queue"].t());
        if (!seen.TryGetValue("q_grid", out Tensor? grid))
            return;

        seen["densecl_sim_q"] = seen["l_pos_dense"].view(grid.shape[0], grid.shape[2]);
        seen["l_neg_dense"] = grid.transpose(1, 2).reshape(-1, grid.shape[1]).matmul(seen["queue2"].t());
    }
}
