using Dense.Torch;
using Dense.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Pretraining.Contrast;

// Shapes: M rows, C channels, K negatives.

/// <summary>
/// The contrastive loss (P-25 to P-29): cross-entropy of [positive, negatives]/τ with the positive as target, without
/// the M×(K+1) logits ever existing (P-218).
/// </summary>
/// <remarks>
/// The negatives need no gradient, so the loss of row r is log(exp(p/τ) + exp(L)) − p/τ with L = log Σ exp(r·kⱼ/τ), and
/// the gradient of L is Σ softmaxⱼ·kⱼ/τ. Both are what attention of r over the negatives computes: its log-sum-exp and
/// its output. Where libtorch has no attention kernel, the same is computed block by block. <see cref="PlainInfoNce"/>
/// is the form with logits.
/// </remarks>
public static class InfoNce
{
    // Thread blocks that keep a large GPU busy, rows per block of the kernel, and keys below which cutting costs more.
    private const long CudaBlocks = 256;
    private const long CudaRowsPerBlock = 64;
    private const long CudaSmallestPart = 1024;

    /// <summary>The mean loss over the rows.</summary>
    /// <param name="rows">Unit vectors with gradient, M×C; float64, float32 or bfloat16.</param>
    /// <param name="positives">Dot product of each row with its positive key, M, with gradient.</param>
    /// <param name="negatives">Unit vectors, K×C; converted to the type of the rows.</param>
    /// <param name="temperature">τ > 0.</param>
    /// <returns>0-dimensional; float32, or float64 for float64 rows.</returns>
    public static Tensor Loss(Tensor rows, Tensor positives, Tensor negatives, double temperature)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        using DisposeScope scope = NewDisposeScope();
        Tensor logSum = LogSumExp(rows, negatives, 1 / temperature);
        Tensor positive = positives.to(logSum.dtype).Over(temperature);
        return (logaddexp(positive, logSum) - positive).mean().MoveToOuterDisposeScope();
    }

    /// <summary>log Σⱼ exp(scale·r·kⱼ) for each row, differentiable with respect to the rows.</summary>
    /// <returns>M numbers.</returns>
    public static Tensor LogSumExp(Tensor rows, Tensor negatives, double scale) =>
        Streamed.apply(rows, negatives, scale);

    /// <summary>Into how many parts to cut K keys for M rows.</summary>
    internal static long Parts(DeviceType device, long rows, long keys)
    {
        if (device != DeviceType.CUDA)
            return 1;

        long blocks = (rows + CudaRowsPerBlock - 1) / CudaRowsPerBlock, parts = 1;
        while (parts * 2 * blocks <= CudaBlocks && keys % (parts * 2) == 0 && keys / (parts * 2) >= CudaSmallestPart)
            parts *= 2;
        return parts;
    }

    private sealed class Streamed : autograd.SingleTensorFunction<Streamed>
    {
        private const string ScaleKey = "scale";

        public override string Name => nameof(InfoNce);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            using DisposeScope scope = NewDisposeScope();
            var scale = (double)vars[2];
            Tensor rows = ((Tensor)vars[0]).detach().contiguous();
            Tensor keys = ((Tensor)vars[1]).detach().to(rows.dtype).contiguous();
            var (logSum, mean) = StreamedAttention.Supports(rows)
                ? StreamedAttention.LogSumExp(
                    rows, keys, scale, Parts(rows.device_type, rows.shape[0], keys.shape[0]))
                : BlockedLogSumExp.Compute(rows, keys, scale);
            ctx.save_data(ScaleKey, scale);
            ctx.save_for_backward([mean.MoveToOuterDisposeScope()]);
            return logSum.MoveToOuterDisposeScope();
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor mean = ctx.get_saved_variables()[0];
            Tensor gradient = (grad_output.unsqueeze(1) * mean).Times((double)ctx.get_data(ScaleKey));
            return [gradient.to(mean.dtype).MoveToOuterDisposeScope(), null!, null!];
        }
    }
}
