using Dense.Coco.Masks;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.SoloV2;

/// <summary>
/// Enlarges mask probabilities to the original image and turns them into run-length masks (M-115), a few at a time, so
/// that memory does not depend on how many there are (KF-18).
/// </summary>
/// <param name="Factor">From the mask feature to the padded batch, per side.</param>
/// <param name="Size">Height and width of the image before padding.</param>
/// <param name="Original">Height and width of the original file.</param>
/// <param name="Threshold">Probability above which a pixel belongs to the mask.</param>
internal sealed record FinalMasks(
    int Factor, (int Height, int Width) Size, (int Height, int Width) Original, double Threshold)
{
    // 32 MB of float32, twice.
    private const long PixelsAtATime = 1 << 23;

    /// <summary>The masks of some detections.</summary>
    /// <param name="kernels">n×D.</param>
    /// <param name="feature">D×H_m×W_m.</param>
    public IReadOnlyList<RunLengthMask> Make(Tensor kernels, Tensor feature)
    {
        long enlarged = Factor * feature.shape[1] * Factor * feature.shape[2];
        long pixels = Math.Max(enlarged, (long)Original.Height * Original.Width);
        long step = Math.Max(1, PixelsAtATime / pixels);
        var masks = new List<RunLengthMask>();
        for (long start = 0; start < kernels.shape[0]; start += step)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor part = kernels.narrow(0, start, Math.Min(step, kernels.shape[0] - start));
            Encode(Enlarge(part, feature), masks);
        }

        return masks;
    }

    // c×H×W, true inside the mask.
    private Tensor Enlarge(Tensor kernels, Tensor feature)
    {
        (long height, long width) = (feature.shape[1], feature.shape[2]);
        Tensor maps = kernels.matmul(feature.flatten(1)).sigmoid_().view(1, -1, height, width);
        maps = SoloLayers.Resize(maps, Factor * height, Factor * width);
        maps = maps.narrow(2, 0, Math.Min(Size.Height, maps.shape[2]))
            .narrow(3, 0, Math.Min(Size.Width, maps.shape[3]));
        if ((maps.shape[2], maps.shape[3]) != (Original.Height, Original.Width))
            maps = SoloLayers.Resize(maps, Original.Height, Original.Width);

        using Scalar threshold = Threshold;
        return maps.squeeze(0).gt(threshold);
    }

    private void Encode(Tensor maps, List<RunLengthMask> masks)
    {
        using Tensor onHost = maps.cpu().contiguous();
        ReadOnlySpan<byte> bytes = onHost.bytes;
        int pixels = Original.Height * Original.Width;
        for (int i = 0; i < onHost.shape[0]; i++)
            masks.Add(RunLengthMask.FromRowMajor(Original.Height, Original.Width, bytes.Slice(i * pixels, pixels)));
    }
}
