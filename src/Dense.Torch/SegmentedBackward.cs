using static TorchSharp.torch;

namespace Dense.Torch;

/// <summary>
/// Differentiates a network in parts, the last one first, so that a caller can use the gradients of one part while
/// those before it are computed. The forward pass marks where parts meet; gradients have the same bits as those of one
/// pass.
/// </summary>
/// <remarks>
/// For one forward and one backward pass. Unlike a hook, it works on the calling thread on every device.
/// </remarks>
public sealed class SegmentedBackward
{
    /// <summary>The part behind the last mark: everything up to the loss.</summary>
    public const int LastPart = int.MaxValue;

    private readonly Stack<Cut> _cuts = [];
    private bool _isDone;

    /// <summary>Ends a part here.</summary>
    /// <param name="x">What the part computes; nothing may change it in place afterwards.</param>
    /// <param name="part">The part's number, for <see cref="Run"/>.</param>
    /// <returns>What the next part must use instead, in all places. It belongs to this object until the backward pass.
    /// <paramref name="x"/> itself when nothing before it learns, or after the backward pass.</returns>
    public Tensor End(Tensor x, int part)
    {
        if (_isDone || !x.requires_grad)
            return x;

        // The caller's scope may end before the backward pass: these hold the graph on both sides.
        Tensor before = x.alias().DetachFromDisposeScope();
        Tensor leaf = x.detach().requires_grad_().DetachFromDisposeScope();
        Tensor after = leaf.alias().DetachFromDisposeScope();
        _cuts.Push(new Cut(part, before, leaf, after));
        return after;
    }

    /// <summary>Adds the gradients of all parts.</summary>
    /// <param name="total">The loss, 0-dimensional.</param>
    /// <param name="completed">Told after each part that its gradients, and those of all later parts, are
    /// complete.</param>
    public void Run(Tensor total, Action<int> completed)
    {
        try
        {
            total.backward();
            completed(LastPart);
            while (_cuts.TryPop(out Cut? cut))
            {
                using (cut)
                    Differentiate(cut);

                completed(cut.Part);
            }
        }
        finally
        {
            _isDone = true;
            while (_cuts.TryPop(out Cut? cut))
                cut.Dispose();
        }
    }

    private void Differentiate(Cut cut)
    {
        using Tensor? gradient = cut.Leaf.grad;
        if (gradient is null)
            return;

        // Later parts may have used what this part starts from, as a pyramid does: their share comes first in the sum,
        // as it does in one pass, or the sum would be rounded otherwise.
        using Tensor? earlier = _cuts.TryPeek(out Cut? start) ? start.Leaf.grad : null;
        if (earlier is null)
        {
            autograd.backward([cut.Before], [gradient]);
            return;
        }

        start!.Leaf.grad = null;
        autograd.backward([cut.Before, start.After], [gradient, earlier]);
    }

    /// <summary>The place between two parts.</summary>
    /// <param name="Part">The one that ends.</param>
    /// <param name="Before">Its result.</param>
    /// <param name="Leaf">Where the gradient of the result gathers.</param>
    /// <param name="After">What later parts use.</param>
    private sealed record Cut(int Part, Tensor Before, Tensor Leaf, Tensor After) : IDisposable
    {
        public void Dispose()
        {
            Before.Dispose();
            Leaf.Dispose();
            After.Dispose();
        }
    }
}
