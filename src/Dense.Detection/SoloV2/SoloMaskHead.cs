using Dense.Detection.Settings;
using Dense.Torch;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Dense.Detection.SoloV2;

/// <summary>
/// Fuses p2 … p5 into one feature map at stride 4, from which the kernels of the instance head cut masks (section 3.3
/// of SOLOv2; M-84 to M-88).
/// </summary>
/// <remarks>
/// Checkpoint keys: <c>convs_all_levels.{i}.conv{j}.0.weight</c>, <c>.1.{weight,bias}</c>; <c>conv_pred.0.weight</c>,
/// <c>conv_pred.1.{weight,bias}</c>.
/// </remarks>
public sealed class SoloMaskHead : nn.Module
{
    [ComponentName(Name = "convs_all_levels")]
    private readonly ModuleList<Sequential> _levels;

    [ComponentName(Name = "conv_pred")]
    private readonly Sequential _prediction;

    private readonly int _coarsestStride;

    /// <summary>Creates the head with random weights (M-88).</summary>
    public SoloMaskHead(SoloV2Settings settings)
        : base(nameof(SoloMaskHead))
    {
        int count = settings.MaskInFeatures.Count;
        _coarsestStride = SoloLayers.StrideOf(settings.MaskInFeatures[^1]);
        _levels = new([.. Enumerable.Range(0, count).Select(i => Level(settings, i, seesCoordinates: i == count - 1))]);
        _prediction = SoloLayers.Projection(settings.MaskChannels, settings.NumMasks);
        RegisterComponents();
        SoloLayers.Initialise(this);
    }

    /// <summary>Computes the mask feature.</summary>
    /// <param name="features">p2 … p5, each N×C×H×W and half as large as the one before.</param>
    /// <param name="extents">Height and width per image, in pixels, over which coordinates run from −1 to 1 (and on in
    /// the padding); null for those of the batch.</param>
    /// <returns>N×D×H_m×W_m, as large as p2 and not negative; the caller owns it.</returns>
    public Tensor Run(IReadOnlyList<Tensor> features, IReadOnlyList<(int Height, int Width)>? extents = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sum = _levels[0].call(features[0]);
        for (int i = 1; i < _levels.Count; i++)
        {
            using DisposeScope level = NewDisposeScope();
            Tensor input = i == _levels.Count - 1 ? WithCoordinates(features[i], extents) : features[i];
            sum = sum.Plus(_levels[i].call(input)).MoveToOuterDisposeScope();
        }

        return _prediction.call(sum).MoveToOuterDisposeScope();
    }

    private Tensor WithCoordinates(Tensor map, IReadOnlyList<(int Height, int Width)>? extents) => extents is null
        ? SoloLayers.WithCoordinates(map)
        : cat([.. extents.Select((extent, n) => SoloLayers.WithCoordinates(
            map.narrow(0, n, 1), (extent.Height / _coarsestStride, extent.Width / _coarsestStride)))]);

    // Level 0 is one block; level i is i times a block and an enlargement by two (M-85).
    private static Sequential Level(SoloV2Settings settings, int i, bool seesCoordinates)
    {
        List<(string, nn.Module<Tensor, Tensor>)> steps = [];
        for (int j = 0; j < Math.Max(i, 1); j++)
        {
            long inChannels = j > 0 ? settings.MaskChannels : settings.MaskInChannels + (seesCoordinates ? 2 : 0);
            steps.Add(($"conv{j}",
                nn.Sequential(SoloLayers.Block(inChannels, settings.MaskChannels, settings.Norm))));
            if (i > 0)
            {
                steps.Add(($"upsample{j}", nn.Upsample(
                    scale_factor: [2, 2], mode: UpsampleMode.Bilinear, align_corners: false)));
            }
        }

        return nn.Sequential(steps);
    }
}
