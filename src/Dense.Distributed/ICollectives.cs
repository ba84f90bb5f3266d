using TorchSharp;

namespace Dense.Distributed;

/// <summary>
/// What training needs from the other ranks, and the only place where code learns that there are others. Every rank
/// calls the same operations in the same order.
/// </summary>
public interface ICollectives
{
    /// <summary>This process's number, 0 … <see cref="WorldSize"/> − 1.</summary>
    int Rank { get; }

    /// <summary>Number of processes.</summary>
    int WorldSize { get; }

    /// <summary>How long this rank has waited for others altogether; zero where that is not measured.</summary>
    TimeSpan Waited => TimeSpan.Zero;

    /// <summary>Replaces a tensor by its sum over ranks, in place.</summary>
    void SumInPlace(torch.Tensor tensor);

    /// <summary>
    /// Starts what <see cref="SumInPlace"/> does and returns, so that the caller can compute meanwhile. The tensor must
    /// not be touched before <see cref="IPendingSum.Wait"/> has returned, which must be called once, in the same
    /// dispose scope.
    /// </summary>
    IPendingSum StartSum(torch.Tensor tensor)
    {
        SumInPlace(tensor);
        return CompletedSum.Instance;
    }

    /// <summary>Concatenates the ranks' tensors along dimension 0, in rank order. All have the same shape.</summary>
    /// <returns>A tensor that the caller owns; with one rank it may be <paramref name="tensor"/> itself.</returns>
    torch.Tensor Gather(torch.Tensor tensor);

    /// <summary>Replaces a tensor by the one of rank 0, in place.</summary>
    void BroadcastInPlace(torch.Tensor tensor);

    /// <summary>Returns when every rank has arrived.</summary>
    void Barrier();

    /// <summary>
    /// As <see cref="Barrier"/>, for work that rank 0 does while the others wait: a checkpoint, metrics, a probe. It
    /// may take any time; only a rank that gives no sign of life ends the wait.
    /// </summary>
    void WaitForFirst() => Barrier();

    /// <summary>Does something on rank 0 alone, while the others <see cref="WaitForFirst"/>.</summary>
    void OnFirst(Action work)
    {
        if (Rank == 0)
            work();

        WaitForFirst();
    }
}
