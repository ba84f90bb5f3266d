using Dense.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.SoloV2;

// Shapes: P positives of one image, D numbers of a kernel, X pixels of the mask feature, I different masks.

/// <summary>
/// The dice losses of one image, summed (M-100, M-101): with probabilities p = σ(κ·M) of a positive and its mask t, a
/// positive costs 1 − 2Σpt / (Σp² + Σt² + 0.002).
/// </summary>
/// <remarks>
/// The P×X probabilities of a batch would fill gigabytes, several times over with what backward needs of them. The
/// slope of a positive's loss is known as soon as its three sums are, so forward goes through the positives in chunks,
/// turns the probabilities of a chunk into slopes in place, and keeps for backward only the gradients of kernels and
/// feature, P×D and D×X. Masks are read by index; none is copied per positive (KF-16). Not twice differentiable.
/// </remarks>
internal sealed class KernelDice : autograd.SingleTensorFunction<KernelDice>
{
    // Added to Σp² and to Σt².
    private const double Smoothing = 0.001;

    /// <inheritdoc/>
    public override string Name => nameof(KernelDice);

    /// <summary>The sum over the positives.</summary>
    /// <param name="kernels">P×D, float32 or float64.</param>
    /// <param name="feature">D×X, of the same type.</param>
    /// <param name="masks">I×X samples 0 or 1, uint8.</param>
    /// <param name="maskOf">P row numbers of <paramref name="masks"/>, int64.</param>
    /// <param name="chunkElements">How many probabilities exist at a time.</param>
    /// <returns>0-dimensional, connected to the graph.</returns>
    public static Tensor Sum(Tensor kernels, Tensor feature, Tensor masks, Tensor maskOf, long chunkElements) =>
        apply(kernels, feature, masks, maskOf, chunkElements, is_grad_enabled());

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor kernels = ((Tensor)vars[0]).detach(), feature = ((Tensor)vars[1]).detach();
        Tensor masks = (Tensor)vars[2], maskOf = (Tensor)vars[3];
        long step = Math.Max(1, (long)vars[4] / Math.Max(1, feature.shape[1]));
        bool needsGradient = (bool)vars[5];

        Tensor sum = zeros([], kernels.dtype, kernels.device);
        Tensor kernelGradient = zeros_like(kernels);
        Tensor featureGradient = needsGradient ? zeros_like(feature) : sum;
        for (long start = 0; start < kernels.shape[0]; start += step)
        {
            using DisposeScope chunk = NewDisposeScope();
            long count = Math.Min(step, kernels.shape[0] - start);
            Tensor part = kernels.narrow(0, start, count);
            Tensor p = part.matmul(feature).sigmoid_();
            Tensor t = masks.index_select(0, maskOf.narrow(0, start, count)).to(p.dtype);
            (Tensor loss, Tensor slope) = Terms(p, t, needsGradient);
            sum.AddInPlace(loss);
            if (needsGradient)
            {
                kernelGradient.narrow(0, start, count).copy_(slope.matmul(feature.t()));
                featureGradient.AddInPlace(part.t().matmul(slope));
            }
        }

        // Libtorch takes them over after this method has returned.
        if (needsGradient)
            ctx.save_for_backward(
                [kernelGradient.MoveToOuterDisposeScope(), featureGradient.MoveToOuterDisposeScope()]);
        return sum.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> saved = ctx.get_saved_variables();
        return
        [
            (saved[0] * grad_output).MoveToOuterDisposeScope(),
            (saved[1] * grad_output).MoveToOuterDisposeScope(),
            null!, null!, null!, null!,
        ];
    }

    // The losses of a chunk, summed, and the slope by its logits; p and t are used up. With a = Σpt and s the sum of
    // squares, ∂/∂p = 4ap/s² − 2t/s, and ∂p/∂logit = p − p².
    private static (Tensor Loss, Tensor Slope) Terms(Tensor p, Tensor t, bool needsGradient)
    {
        Tensor squares = p * p;
        Tensor overlap = (p * t).sum(1, keepdim: true);
        Tensor size = squares.sum(1, keepdim: true).Plus(t.sum(1, keepdim: true)).Plus(2 * Smoothing);
        Tensor loss = (-(overlap.Times(2) / size)).Plus(1).sum();
        if (!needsGradient)
            return (loss, loss);

        using Scalar one = 1;
        Tensor slope = t.mul_(size.reciprocal().Times(-2))
            .addcmul_(p, (overlap.Times(4) / size.Squared()).expand_as(p), one);
        return (loss, slope.mul_(p.sub_(squares)));
    }
}
