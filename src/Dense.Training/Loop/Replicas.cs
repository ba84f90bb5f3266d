using System.IO.Hashing;
using Dense.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Training.Loop;

/// <summary>
/// The ranks' copies of what they train must be one, bit by bit (R13). Copies that have drifted apart still have
/// gradients exchanged, and losses that fall, while each rank trains another network.
/// </summary>
internal static class Replicas
{
    /// <summary>Compares the copies by a hash of eight bytes each; all ranks call this (E-176).</summary>
    /// <param name="collectives">The other ranks.</param>
    /// <param name="tensors">What must be equal, contiguous, under its name in the plural.</param>
    /// <param name="completed">Steps that are done.</param>
    /// <param name="rates">The rates that the schedule starts from.</param>
    /// <exception cref="CollectiveException">A rank's copy differs from that of rank 0.</exception>
    public static void RequireEqual(
        ICollectives collectives,
        IReadOnlyList<(string Name, Tensor Tensor)> tensors,
        long completed,
        IReadOnlyList<double> rates)
    {
        if (collectives.WorldSize == 1)
            return;

        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        (string Name, Tensor Tensor)[] parts = [.. tensors, ("steps and rates", tensor([completed, .. rates]))];
        long[] all = collectives.Gather(tensor([.. parts.Select(p => Hash(p.Tensor))], [1, parts.Length]))
            .data<long>().ToArray();
        for (int i = parts.Length; i < all.Length; i++)
        {
            (int rank, int column) = (i / parts.Length, i % parts.Length);
            if (all[i] != all[column])
            {
                throw new CollectiveException(
                    $"After step {completed} the {parts[column].Name} of rank {rank} differ from "
                    + "those of rank 0, expected equal bits. No checkpoint is written. Look at that rank's machine "
                    + "(memory, GPU), and go on from the last checkpoint.");
            }
        }
    }

    private static long Hash(Tensor tensor)
    {
        using Tensor onHost = tensor.detach().cpu();
        return (long)XxHash3.HashToUInt64(onHost.bytes);
    }
}
