using Dense.Detection.Backbones;
using Dense.Detection.Settings;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection;

/// <summary>
/// Makes images ready for a network: x' = (x − mean) / std per channel, then zeros on the right and at the bottom up
/// to the largest image of the batch, rounded up to multiples of 32 (M-7, M-8). Padded pixels thus have the mean
/// colour; no layer masks them (M-10).
/// </summary>
public static class ImageBatching
{
    /// <summary>Batches images in float32; their bytes are what travels to the device.</summary>
    /// <param name="images">At least one.</param>
    /// <param name="settings">Mean and standard deviation.</param>
    /// <param name="device">Where the network is.</param>
    /// <returns>A batch that the caller owns.</returns>
    public static ImageBatch Create(IReadOnlyList<InputImage> images, DetectorSettings settings, Device device)
    {
        ArgumentNullException.ThrowIfNull(images);
        using DisposeScope scope = NewDisposeScope();
        Tensor[] onDevice =
            [.. images.Select(i => tensor(i.Pixels, [3, i.Height, i.Width], ScalarType.Byte).to(device))];
        ImageBatch batch = Create(onDevice, settings);
        batch.Pixels.MoveToOuterDisposeScope();
        return batch;
    }

    /// <summary>Batches images that are tensors already.</summary>
    /// <param name="images">At least one 3×H×W tensor, 0 to 255, all on one device. float64 images give a float64
    /// batch, others float32.</param>
    /// <param name="settings">Mean and standard deviation; rounded to float32, whatever the batch's type.</param>
    /// <returns>A batch that the caller owns.</returns>
    public static ImageBatch Create(IReadOnlyList<Tensor> images, DetectorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfZero(images.Count);

        using DisposeScope scope = NewDisposeScope();
        Tensor first = images[0];
        ScalarType type = first.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        (int Height, int Width)[] sizes = [.. images.Select(i => ((int)i.shape[1], (int)i.shape[2]))];
        Tensor mean = PerChannel(settings.PixelMean, type, first.device);
        Tensor deviation = PerChannel(settings.PixelStd, type, first.device);

        Tensor pixels = zeros(
            [images.Count, 3, Padded(sizes.Max(s => s.Height)), Padded(sizes.Max(s => s.Width))], type, first.device);
        for (int i = 0; i < images.Count; i++)
        {
            using DisposeScope own = NewDisposeScope();
            Tensor target = pixels[i].narrow(1, 0, sizes[i].Height).narrow(2, 0, sizes[i].Width);
            target.copy_(images[i].to(type, copy: true).sub_(mean).div_(deviation));
        }

        return new ImageBatch(pixels.MoveToOuterDisposeScope(), sizes);
    }

    /// <summary>A height or width after padding: the next multiple of 32.</summary>
    internal static int Padded(int size) =>
        (size + PyramidBackbone.SizeDivisibility - 1) / PyramidBackbone.SizeDivisibility
            * PyramidBackbone.SizeDivisibility;

    private static Tensor PerChannel(IReadOnlyList<double> values, ScalarType type, Device device) =>
        tensor(values.Select(v => (float)v).ToArray()).to(type).to(device).view(3, 1, 1);
}
