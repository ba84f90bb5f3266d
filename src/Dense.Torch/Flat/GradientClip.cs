using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Flat;

/// <summary>Clipping of gradients by their norm, as PyTorch's <c>clip_grad_norm_</c> does it.</summary>
public static class GradientClip
{
    // What PyTorch adds to the norm, so that gradients of nothing but zeros are divided by something.
    private const double Guard = 1e-6;

    /// <summary>min(1, maximum / norm): what gradients are multiplied by. Stays on the device.</summary>
    /// <param name="norm">Their norm, 0-dimensional.</param>
    /// <param name="maximum">The norm that they may have, positive.</param>
    /// <returns>0-dimensional; the caller owns it.</returns>
    public static Tensor Factor(Tensor norm, double maximum)
    {
        using DisposeScope scope = NewDisposeScope();
        return norm.Plus(Guard).reciprocal().Times(maximum).AtMost(1).MoveToOuterDisposeScope();
    }
}
