using Dense.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Pretraining.Contrast;

/// <summary>
/// What <see cref="Dense.Torch.Operators.StreamedAttention"/> computes, from plain operators over blocks of keys, for
/// devices and types without an attention kernel (P-218).
/// </summary>
internal static class BlockedLogSumExp
{
    /// <summary>For each row: log Σⱼ exp(scale·r·kⱼ), M, and Σⱼ softmaxⱼ·kⱼ, M×C. Not differentiable.</summary>
    /// <param name="rows">M×C.</param>
    /// <param name="keys">K×C, of the same type.</param>
    /// <param name="scale">Multiplies each score.</param>
    /// <param name="blockLength">Keys per block.</param>
    public static (Tensor LogSum, Tensor Mean) Compute(Tensor rows, Tensor keys, double scale, long blockLength = 4096)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        ScalarType type = rows.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        Tensor scaled = rows.Times(scale);
        Tensor largest = empty([rows.shape[0], 1], type, rows.device).Fill(double.NegativeInfinity);
        Tensor sum = zeros_like(largest);
        Tensor mean = zeros(rows.shape, type, rows.device);

        for (long start = 0; start < keys.shape[0]; start += blockLength)
        {
            using DisposeScope block = NewDisposeScope();
            Tensor part = keys.narrow(0, start, Math.Min(blockLength, keys.shape[0] - start));
            Tensor scores = scaled.matmul(part.t()).to(type);
            Tensor newLargest = maximum(largest, scores.amax([1], keepdim: true));
            Tensor shrink = (largest - newLargest).exp();
            Tensor weights = (scores - newLargest).exp();
            sum.mul_(shrink).AddInPlace(weights.sum(dim: 1, keepdim: true));
            mean.mul_(shrink).AddInPlace(weights.to(part.dtype).matmul(part));
            largest.copy_(newLargest);
        }

        Tensor logSum = sum.log().Plus(largest).squeeze(1);
        return (logSum.MoveToOuterDisposeScope(), (mean / sum).to(rows.dtype).MoveToOuterDisposeScope());
    }
}
