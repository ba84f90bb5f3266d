using static TorchSharp.torch;

namespace Dense.Torch.Operators;

/// <summary>Updates of weights that read and write each value once.</summary>
public static class FusedUpdate
{
    // Values per block of the moving average: two blocks and the product between them stay in the second-level cache.
    private const long BlockLength = 1 << 16;

    private static readonly Script Updates = new("""
        def sgd(p: List[Tensor], g: List[Tensor], m: List[Tensor], lr: float, wd: float, mom: float, nesterov: bool):
            torch._fused_sgd_(
                p, g, m, weight_decay=wd, momentum=mom, lr=lr, dampening=0.0, nesterov=nesterov, maximize=False,
                is_first_step=False)

        def average(k: Tensor, q: Tensor, m: float, w: float, block: int):
            n = k.numel()
            i = 0
            while i < n:
                length = min(block, n - i)
                kb = k.narrow(0, i, length)
                kb.mul_(m)
                kb.add_(q.narrow(0, i, length).mul(w))
                i += length

        """);

    /// <summary>
    /// Stochastic gradient descent with momentum, in place (P-112): d = gradient + weightDecay·p; b ← momentum·b + d;
    /// p ← p − learningRate·(b, or d + momentum·b with Nesterov).
    /// </summary>
    /// <param name="values">Parameters p, of any shapes.</param>
    /// <param name="gradients">One per parameter.</param>
    /// <param name="momenta">The buffers b, one per parameter; empty when <paramref name="momentum"/> is 0.</param>
    /// <param name="learningRate">Step size.</param>
    /// <param name="weightDecay">L2 penalty, in every parameter given.</param>
    /// <param name="momentum">μ in [0, 1). A buffer of zeros makes the first step b = d.</param>
    /// <param name="nesterov">Whether the step looks ahead.</param>
    public static void Sgd(
        Tensor[] values, Tensor[] gradients, Tensor[] momenta, double learningRate, double weightDecay,
        double momentum, bool nesterov)
    {
        using IDisposable noGradient = no_grad();
        Updates.Run(
            "sgd", (object)values, (object)gradients, (object)momenta, learningRate, weightDecay, momentum, nesterov);
    }

    /// <summary>
    /// Exponential moving average, in place: average ← average·momentum + value·(1 − momentum), as two rounded products
    /// and one rounded sum (P-21).
    /// </summary>
    /// <param name="average">One-dimensional.</param>
    /// <param name="value">Of the same length and type.</param>
    /// <param name="momentum">m in [0, 1].</param>
    public static void Average(Tensor average, Tensor value, double momentum)
    {
        using IDisposable noGradient = no_grad();
        long block = average.device_type == TorchSharp.DeviceType.CPU ? BlockLength : Math.Max(1, average.numel());
        Updates.Run("average", average, value, momentum, 1 - momentum, block);
    }
}
