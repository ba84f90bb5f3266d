using Dense.Checkpoints;
using Dense.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Training.Detection.Loop;

/// <summary>What the ranks of a run must have in common before their first step.</summary>
internal static class RankAgreement
{
    /// <summary>
    /// The first rank's number for all (E-100): with seeds of their own, ranks would take their parts of different
    /// orders, and see some images twice and others never.
    /// </summary>
    public static long Share(long number, ICollectives collectives)
    {
        if (collectives.WorldSize == 1)
            return number;

        using Tensor shared = tensor([number]);
        collectives.BroadcastInPlace(shared);
        return shared.item<long>();
    }

    /// <summary>
    /// Checks that all ranks go on from the same step with the same momentum and order of images (E-72, E-176): each
    /// reads the checkpoint by itself.
    /// </summary>
    /// <param name="state">This rank's state.</param>
    /// <param name="folder">Where it looked for checkpoints.</param>
    /// <param name="collectives">The other ranks.</param>
    /// <exception cref="CheckpointFormatException">They do not; thrown on every rank.</exception>
    public static void Require(DetectionState state, string folder, ICollectives collectives)
    {
        if (collectives.WorldSize == 1)
            return;

        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        double total = state.Optimizer.MomentumBySlot()
            .Sum(s => s.Momentum.to(ScalarType.Float64).sum().item<double>());
        using Tensor own = tensor(new[] { state.Completed, state.Seed, total });
        double[] all = collectives.Gather(own).data<double>().ToArray();
        for (int rank = 1; rank < collectives.WorldSize; rank++)
        {
            if (!all.AsSpan(3 * rank, 3).SequenceEqual(all.AsSpan(0, 3)))
            {
                string other = all[0] == all[3 * rank] ? " with other momentum or seed" : "";
                throw new CheckpointFormatException(folder,
                    $"the ranks resume from different checkpoints: rank 0 after {all[0]} iterations, rank {rank} after "
                    + $"{all[3 * rank]}{other}. OUTPUT_DIR must be one folder that all machines share; copy rank 0's "
                    + "checkpoints to the others, or train without --resume.");
            }
        }
    }
}
