using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Operators;

/// <summary>
/// Attention of rows over a long list of keys that are their own values, computed block by block: the rows × keys
/// scores never exist together.
/// </summary>
public static class StreamedAttention
{
    private static readonly Script Kernels = new("""
        def on_cpu(q: Tensor, k: Tensor, scale: float) -> List[Tensor]:
            out, lse = torch._scaled_dot_product_flash_attention_for_cpu(q, k, k, 0.0, False, scale=scale)
            return [out, lse]

        def on_cuda(q: Tensor, k: Tensor, scale: float) -> List[Tensor]:
            out, lse, seed, offset = torch._scaled_dot_product_efficient_attention(
                q, k, k, None, True, 0.0, False, scale=scale)
            return [out, lse]

        """);

    /// <summary>Whether a kernel of libtorch takes such rows.</summary>
    /// <param name="rows">M×C.</param>
    /// <remarks>
    /// On the CPU: float64, float32 and bfloat16, any C. On CUDA the memory-efficient kernel: float32 with C a multiple
    /// of 4, bfloat16 and float16 with C a multiple of 8.
    /// </remarks>
    public static bool Supports(Tensor rows) => rows.device_type switch
    {
        DeviceType.CPU => rows.dtype is ScalarType.Float64 or ScalarType.Float32 or ScalarType.BFloat16,
        DeviceType.CUDA => rows.dtype switch
        {
            ScalarType.Float32 => rows.shape[1] % 4 == 0,
            ScalarType.BFloat16 or ScalarType.Float16 => rows.shape[1] % 8 == 0,
            _ => false,
        },
        _ => false,
    };

    /// <summary>
    /// For each row r: log Σⱼ exp(scale·r·kⱼ) and Σⱼ softmaxⱼ(scale·r·k)·kⱼ, the latter being the gradient of the
    /// former with respect to scale·r. Not differentiable.
    /// </summary>
    /// <param name="rows">M×C, contiguous.</param>
    /// <param name="keys">K×C, contiguous, of the same type.</param>
    /// <param name="scale">Multiplies each score.</param>
    /// <param name="parts">
    /// Into how many parts, worked on side by side, to cut the keys; it divides K. A device with many cores needs
    /// several when there are few rows.
    /// </param>
    /// <returns>The log-sums M (float32, float64 for float64 rows) and the means M×C, both the caller's.</returns>
    public static (Tensor LogSum, Tensor Mean) LogSumExp(Tensor rows, Tensor keys, double scale, long parts = 1)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        long m = rows.shape[0], c = rows.shape[1];

        // One attention head per part.
        Tensor q = rows.detach().view(1, 1, m, c).expand(1, parts, m, c);
        Tensor k = keys.detach().view(1, parts, -1, c);
        string kernel = rows.device_type == DeviceType.CPU ? "on_cpu" : "on_cuda";
        Tensor[] results = Kernels.Run<Tensor[]>(kernel, q, k, scale);
        Tensor mean = results[0].view(parts, m, c);
        Tensor logSum = results[1].view(parts, -1).narrow(1, 0, m); // The CUDA kernel pads the rows.

        if (parts > 1)
        {
            Tensor total = logSum.logsumexp(0);
            Tensor share = (logSum - total).exp().unsqueeze(2).to(mean.dtype);
            return (total.MoveToOuterDisposeScope(), (mean * share).sum(dim: 0).MoveToOuterDisposeScope());
        }

        return (logSum.squeeze(0).MoveToOuterDisposeScope(), mean.squeeze(0).MoveToOuterDisposeScope());
    }
}
