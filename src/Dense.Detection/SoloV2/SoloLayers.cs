using System.Globalization;
using Dense.Detection.Settings;
using Dense.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dense.Detection.SoloV2;

/// <summary>What both heads of SOLOv2 are built from.</summary>
internal static class SoloLayers
{
    private const int NormGroups = 32;
    private const double InitialDeviation = 0.01;

    /// <summary>
    /// A 3×3 convolution without bias, GroupNorm and ReLU, or a convolution with bias and ReLU (M-80, M-85).
    /// </summary>
    public static IEnumerable<nn.Module<Tensor, Tensor>> Block(long inChannels, long outChannels, DetectorNorm norm)
    {
        yield return nn.Conv2d(inChannels, outChannels, 3, padding: 1, bias: norm == DetectorNorm.None);
        if (norm == DetectorNorm.Group)
            yield return GroupNorms.Create(NormGroups, outChannels);
        yield return nn.ReLU(inplace: true);
    }

    /// <summary>A 1×1 convolution, always with GroupNorm, and ReLU (M-86, M-88).</summary>
    public static Sequential Projection(long inChannels, long outChannels) => nn.Sequential(
        nn.Conv2d(inChannels, outChannels, 1, bias: false),
        GroupNorms.Create(NormGroups, outChannels),
        nn.ReLU(inplace: true));

    /// <summary>
    /// All convolutions normal with deviation 0.01, biases 0; norms scale by 1 and shift by 0 (M-83, M-88).
    /// </summary>
    public static void Initialise(nn.Module head)
    {
        using IDisposable noGradient = no_grad();
        foreach (Conv2d convolution in head.modules().OfType<Conv2d>())
        {
            nn.init.normal_(convolution.weight!, 0, InitialDeviation);
            if (convolution.bias is not null)
                nn.init.zeros_(convolution.bias);
        }

        // TorchSharp leaves a new GroupNorm's parameters as the memory was.
        foreach (GroupNorm norm in head.modules().OfType<GroupNorm>())
        {
            nn.init.ones_(norm.weight!);
            nn.init.zeros_(norm.bias!);
        }
    }

    /// <summary>Bilinear with half-pixel centres and no anti-aliasing (1.2).</summary>
    public static Tensor Resize(Tensor map, long height, long width) => nn.functional.interpolate(
        map, size: [height, width], mode: InterpolationMode.Bilinear, align_corners: false);

    /// <summary>
    /// Appends two channels to N×C×H×W: x from −1 to 1 along the columns, then y along the rows (M-79).
    /// </summary>
    /// <param name="map">The map.</param>
    /// <param name="own">Rows and columns at whose end the coordinates are 1; those behind go on in the same steps. All
    /// of the map's by default.</param>
    public static Tensor WithCoordinates(Tensor map, (int Height, int Width)? own = null)
    {
        using DisposeScope scope = NewDisposeScope();
        long n = map.shape[0], h = map.shape[2], w = map.shape[3];
        Tensor x = Axis(w, own?.Width ?? w).expand(n, 1, h, w);
        Tensor y = Axis(h, own?.Height ?? h).unsqueeze(1).expand(n, 1, h, w);
        return cat([map, x, y], 1).MoveToOuterDisposeScope();

        Tensor Axis(long length, long end) => linspace(
            -1, end == length ? 1 : -1 + 2.0 * (length - 1) / Math.Max(end - 1, 1), length, map.dtype, map.device);
    }

    /// <summary>Pixels between two rows of a level of the pyramid: 2^s for p{s} (M-36).</summary>
    public static int StrideOf(string level) => 1 << int.Parse(level.AsSpan(1), CultureInfo.InvariantCulture);
}
