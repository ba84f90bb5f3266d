using Dense.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Losses;

/// <summary>
/// Focal loss of independent classes, summed (M-59; Lin et al. 2017, equation 5). With f(z) = softplus(z) · σ(z)^γ a
/// logit z costs α · f(−z) where its class is present and (1 − α) · f(z) where it is not.
/// </summary>
/// <remarks>
/// Both have one closed-form slope, f′(z) = σ(z)^γ · (σ(z) + γ · (1 − σ(z)) · softplus(z)), so forward computes it
/// along with the value and keeps one tensor for backward, where the chain of elementary operations would keep ten. The
/// one-hot table of targets never exists: there are few positives, and they are overwritten by their index. Not twice
/// differentiable.
/// </remarks>
public sealed class SigmoidFocalLoss : autograd.SingleTensorFunction<SigmoidFocalLoss>
{
    /// <inheritdoc/>
    public override string Name => nameof(SigmoidFocalLoss);

    /// <summary>The sum over all logits.</summary>
    /// <param name="logits">M×K: one row per location, one column per class. Float32 at least.</param>
    /// <param name="positives">Row · K + class of each class that is present, int64, without repetition.</param>
    /// <param name="alpha">Weight of present classes, 0 … 1.</param>
    /// <param name="gamma">How much easy examples fade, ≥ 0.</param>
    /// <returns>0-dimensional, connected to the graph.</returns>
    public static Tensor Sum(Tensor logits, Tensor positives, double alpha, double gamma) =>
        apply(logits.contiguous(), positives, alpha, gamma);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = ((Tensor)vars[0]).detach(), positives = (Tensor)vars[1];
        double alpha = (double)vars[2], gamma = (double)vars[3];

        (Tensor value, Tensor slope) = Term(logits, gamma);
        value.MultiplyInPlace(1 - alpha);
        slope.MultiplyInPlace(1 - alpha);

        (Tensor valueOfPresent, Tensor slopeOfPresent) = Term(-logits.view(-1).index_select(0, positives), gamma);
        value.view(-1).index_copy_(0, positives, valueOfPresent.MultiplyInPlace(alpha));
        slope.view(-1).index_copy_(0, positives, slopeOfPresent.MultiplyInPlace(-alpha));

        // Libtorch takes it over after this method has returned.
        ctx.save_for_backward([slope.MoveToOuterDisposeScope()]);
        return value.sum().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor gradient = ctx.get_saved_variables()[0] * grad_output;
        return [gradient.MoveToOuterDisposeScope(), null!, null!, null!];
    }

    // f(z) and f′(z).
    private static (Tensor Value, Tensor Slope) Term(Tensor z, double gamma)
    {
        Tensor p = z.sigmoid(), cost = z.Softplus();
        using Scalar exponent = gamma;
        Tensor fading = gamma == 2 ? p.Squared() : p.pow(exponent);
        Tensor slope = p.neg().AddInPlace(1).MultiplyInPlace(gamma).mul_(cost).AddInPlace(p).mul_(fading);
        return (cost.mul_(fading), slope);
    }
}
