using static TorchSharp.torch;

namespace Dense.Detection.SoloV2;

/// <summary>What the heads say of a batch, before any probability is taken.</summary>
/// <param name="Categories">Per level, N×K×G×G logits.</param>
/// <param name="Kernels">Per level, N×D×G×G: the numbers that a cell multiplies the mask feature with.</param>
/// <param name="MaskFeature">N×D×H_m×W_m, not negative; H_m and W_m are a quarter of the padded batch.</param>
public sealed record SoloPredictions(
    IReadOnlyList<Tensor> Categories, IReadOnlyList<Tensor> Kernels, Tensor MaskFeature) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in Categories.Concat(Kernels))
            tensor.Dispose();

        MaskFeature.Dispose();
    }
}
