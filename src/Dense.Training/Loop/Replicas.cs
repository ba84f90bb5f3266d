using System.IO.Hashing;
using Dense.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Training.Loop;

/// <summary>
/// The ranks' copies of what they train must be one, bit by bit (R13). Copies that have drifted apart still have gradients
/// exchanged, and losses that fall, while each rank trains another network.
/// </summary>
internal static class Replicas
{
    /// <summary>Compares the copies by a hash of eight bytes each; all ranks call this.</summary>
    /// <param name="collectives">The other ranks.</param>
    /// <param name="tensors">What must be equal, contiguous, under its name.</param>
    /// <param name="completed">Steps that are done, for the message.</param>
    /// <exception cref="CollectiveException">A rank's copy differs from that of rank 0.</exception>
    public static void RequireEqual(
        ICollectives collectives, IReadOnlyList<(string Name, Tensor Tensor)> tensors, long completed)
    {
        if (collectives.WorldSize == 1)
            return;

        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor own = tensor([.. tensors.Select(t => Hash(t.Tensor))], [1, tensors.Count]);
        long[] all = collectives.Gather(own).data<long>().ToArray();
        for (int i = tensors.Count; i < all.Length; i++)
        {
            (int rank, int column) = (i / tensors.Count, i % tensors.Count);
            if (all[i] != all[column])
            {
                throw new CollectiveException($"After step {completed} the {tensors[column].Name} of rank {rank} differ from "
                    + "those of rank 0, expected equal bits. No checkpoint is written. Look at that rank's machine (memory, "
                    + "GPU), and go on from the last checkpoint.");
            }
        }
    }

    private static long Hash(Tensor tensor)
    {
        using Tensor onHost = tensor.detach().cpu();
        return (long)XxHash3.HashToUInt64(onHost.bytes);
    }
}
