using TorchSharp;

namespace Dense.Distributed;

/// <summary>One process: every operation is the identity and costs nothing.</summary>
public sealed class SingleProcess : ICollectives
{
    /// <summary>The one instance.</summary>
    public static SingleProcess Instance { get; } = new();

    private SingleProcess()
    {
    }

    /// <inheritdoc/>
    public int Rank => 0;

    /// <inheritdoc/>
    public int WorldSize => 1;

    /// <inheritdoc/>
    public void SumInPlace(torch.Tensor tensor)
    {
    }

    /// <inheritdoc/>
    public torch.Tensor Gather(torch.Tensor tensor) => tensor;

    /// <inheritdoc/>
    public void BroadcastInPlace(torch.Tensor tensor)
    {
    }

    /// <inheritdoc/>
    public void Barrier()
    {
    }
}
