using static TorchSharp.torch;

namespace Dense.Detection;

/// <summary>
/// Images made ready for the network: normalised, then padded with 0 on the right and at the bottom (M-7 to M-9).
/// </summary>
/// <param name="Pixels">N×3×H×W, H and W multiples of 32.</param>
/// <param name="Sizes">Height and width of each image before padding.</param>
public sealed record ImageBatch(Tensor Pixels, IReadOnlyList<(int Height, int Width)> Sizes) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Pixels.Dispose();
}
