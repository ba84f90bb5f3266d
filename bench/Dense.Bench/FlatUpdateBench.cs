using Dense.Models.Backbones;
using Dense.Torch;
using Dense.Torch.Flat;
using Dense.Torch.Operators;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dense.Bench;

/// <summary>
/// SGD and the key encoder's moving average over flat buffers, against one tensor after another, for the tensors of a
/// ResNet-50 (P-224).
/// </summary>
internal static class FlatUpdateBench
{
    private const int Rounds = 7;
    private const double Momentum = 0.999;

    /// <summary>Measures alternately.</summary>
    public static IEnumerable<BenchResult> Run()
    {
        set_num_threads(1);
        using DisposeScope scope = NewDisposeScope();
        using ResNet query = new(new ResNetSettings()), key = new(new ResNetSettings());
        using ResNet otherQuery = new(new ResNetSettings()), otherKey = new(new ResNetSettings());
        using var flat = new FlatParameters([.. ModuleState.Parameters(query)]);
        using var flatKey = new FlatParameters([.. ModuleState.Parameters(key)], withGradients: false);
        using var sgd = new FlatSgd(
            flat, [new SgdGroup { Names = [.. flat.Slots.Select(s => s.Name)], LearningRate = 1e-3 }]);
        Parameter[] queries = [.. otherQuery.parameters()], keys = [.. otherKey.parameters()];
        foreach (Parameter p in queries)
            p.grad = zeros_like(p);
        using var reference = optim.SGD(queries, 1e-3, momentum: 0.9, weight_decay: 1e-4);

        void AverageEach()
        {
            using IDisposable noGradient = no_grad();
            using DisposeScope step = NewDisposeScope();
            for (int i = 0; i < keys.Length; i++)
                keys[i].mul_(Momentum).add_(queries[i] * (1 - Momentum));
        }

        (string What, Action Ours, Action Peer)[] pairs = [
            ("SGD step", sgd.Step, () => reference.step()),
            ("moving average", () => FusedUpdate.Average(flatKey.Values, flat.Values, Momentum), AverageEach)];
        List<double>[] ours = [[], []], peers = [[], []];
        for (int round = -1; round < Rounds; round++)
        {
            for (int i = 0; i < pairs.Length; i++)
            {
                double peer = CpuClock.Seconds(pairs[i].Peer), own = CpuClock.Seconds(pairs[i].Ours);
                if (round >= 0) // The first round creates the momentum buffers.
                {
                    peers[i].Add(peer);
                    ours[i].Add(own);
                }
            }
        }

        for (int i = 0; i < pairs.Length; i++)
        {
            double own = 1000 * CpuClock.Median(ours[i]), peer = 1000 * CpuClock.Median(peers[i]);
            yield return new BenchResult(
                pairs[i].What, $"{own:F1} ms", $"tensor by tensor: {peer:F1} ms", $"{peer / own:F1}",
                $"ResNet-50, {queries.Length} tensors, 23.5 M values, 1 thread, CPU time, "
                    + $"median of {Rounds} alternating rounds");
        }
    }
}
