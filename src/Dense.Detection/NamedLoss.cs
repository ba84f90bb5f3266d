using static TorchSharp.torch;

namespace Dense.Detection;

/// <summary>One term of the training loss; the total is the plain sum (M-67, M-105).</summary>
/// <param name="Name">Its name in logs, such as <c>loss_fcos_cls</c>.</param>
/// <param name="Value">0-dimensional, connected to the graph.</param>
/// <param name="TargetEntropy">The least that a cross entropy with targets between 0 and 1 can be, 0-dimensional; null
/// for a loss that can be 0. It is logged beside the loss and not trained (KF-10).</param>
public readonly record struct NamedLoss(string Name, Tensor Value, Tensor? TargetEntropy = null)
{
    /// <summary>Hands the tensors to the dispose scope around the current one.</summary>
    public NamedLoss MoveToOuterDisposeScope()
    {
        Value.MoveToOuterDisposeScope();
        TargetEntropy?.MoveToOuterDisposeScope();
        return this;
    }
}
