using Dense.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Pretraining.Contrast;

/// <summary>
/// Moves key images to other ranks (or other groups of one rank), so that query and key of an image are normalised with
/// different neighbours, and moves their embeddings back (P-23, P-24). Without this BatchNorm betrays the positive.
/// </summary>
/// <remarks>
/// Every rank draws the same permutation from (seed, iteration), so none has to be sent. With one rank and one group it
/// would only reorder a batch that is normalised as a whole, and is left out.
/// </remarks>
internal sealed class KeyShuffle
{
    private readonly ICollectives _collectives;
    private readonly Tensor? _order;

    /// <summary>Prepares the shuffle of one step.</summary>
    /// <param name="collectives">The other ranks.</param>
    /// <param name="context">Brings a permutation or the iteration to draw it for.</param>
    /// <param name="seed">The method's seed.</param>
    /// <param name="batchPerRank">N.</param>
    /// <param name="groups">Groups within a rank that BatchNorm treats as ranks.</param>
    /// <param name="device">Where the images are.</param>
    public KeyShuffle(
        ICollectives collectives, StepContext context, ulong seed, long batchPerRank, int groups, Device device)
    {
        _collectives = collectives;
        if (context.KeyPermutation is not null)
            _order = context.KeyPermutation.to(device);
        else if (collectives.WorldSize * groups > 1)
            _order = tensor(Drawn(), device: device);

        long[] Drawn() => Permutation.Draw(seed, context.Iteration, batchPerRank * collectives.WorldSize);
    }

    /// <summary>This rank's part of the shuffled batch of all ranks.</summary>
    /// <param name="images">This rank's images, N×….</param>
    public Tensor Apply(Tensor images) => _order is null ? images : Select(images, _order);

    /// <summary>This rank's rows of what all ranks computed, in the original order.</summary>
    /// <param name="rows">One row per shuffled image, N×….</param>
    public Tensor Undo(Tensor rows)
    {
        if (_order is null)
            return rows;

        using Tensor inverse = _order.argsort();
        return Select(rows, inverse);
    }

    private Tensor Select(Tensor local, Tensor order)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor all = _collectives.Gather(local.contiguous());
        long count = local.shape[0];
        return all.index_select(0, order.narrow(0, _collectives.Rank * count, count)).MoveToOuterDisposeScope();
    }
}
