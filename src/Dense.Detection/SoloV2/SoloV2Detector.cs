using Dense.Detection.Backbones;
using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Models.Backbones;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Dense.Detection.SoloV2;

/// <summary>
/// SOLOv2 (Wang et al., "SOLOv2: Dynamic and Fast Instance Segmentation", 2020): each cell of a grid names the class of
/// the object centred there, and the kernel that cuts its mask out of one shared feature map (section 7 of the
/// specification).
/// </summary>
/// <remarks>
/// Parts, in the order of a checkpoint: <c>backbone</c>, <c>ins_head</c>, <c>mask_head</c>. The losses are
/// <c>loss_ins</c> (masks) and <c>loss_cate</c> (classes).
/// </remarks>
public sealed class SoloV2Detector : Detector
{
    [ComponentName(Name = "backbone")]
    private readonly PyramidBackbone _backbone;

    [ComponentName(Name = "ins_head")]
    private readonly SoloInstanceHead _instanceHead;

    [ComponentName(Name = "mask_head")]
    private readonly SoloMaskHead _maskHead;

    private readonly IReadOnlyList<int> _instanceLevels;
    private readonly IReadOnlyList<int> _maskLevels;
    private readonly SoloLosses _losses;
    private readonly SoloInference _inference;

    /// <summary>Builds the network with random weights, drawn from libtorch's generator.</summary>
    /// <param name="settings">What to build.</param>
    /// <param name="collectives">The other ranks.</param>
    /// <exception cref="ArgumentException">The settings cannot be built; the message holds the reason.</exception>
    public SoloV2Detector(DetectorSettings settings, ICollectives collectives)
        : base(nameof(SoloV2Detector), settings, collectives)
    {
        _backbone = new PyramidBackbone(settings, collectives);
        _instanceLevels = _backbone.IndicesOf(settings.SoloV2.InstanceInFeatures);
        _maskLevels = _backbone.IndicesOf(settings.SoloV2.MaskInFeatures);
        _instanceHead = new SoloInstanceHead(settings.SoloV2);
        _maskHead = new SoloMaskHead(settings.SoloV2);
        _losses = new SoloLosses(settings.SoloV2, collectives);
        _inference = new SoloInference(settings.SoloV2, settings.Compatibility);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override ResNet Backbone => _backbone.BottomUp;

    /// <inheritdoc/>
    public override IReadOnlyList<NamedLoss> Losses(ImageBatch batch, IReadOnlyList<GroundTruth> truths)
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<(int Height, int Width)>? own = OwnExtents(batch);
        var shared = ((int)batch.Pixels.shape[2], (int)batch.Pixels.shape[3]);
        SoloTargets[] targets =
            [.. truths.Select((truth, n) => SoloTargets.Of(truth, own?[n] ?? shared, Settings.SoloV2))];
        IReadOnlyList<NamedLoss> losses = _losses.Compute(
            Predict(batch.Pixels, own), targets, truths, withOthers: training);
        return [.. losses.Select(l => l.MoveToOuterDisposeScope())];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ImageDetections> Detect(ImageBatch batch, IReadOnlyList<InputImage> images)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        SoloPredictions predictions = Predict(batch.Pixels, OwnExtents(batch));
        return [.. images.Select((image, n) => _inference.Run(predictions, n, batch.Sizes[n], image))];
    }

    /// <summary>Runs the network.</summary>
    /// <param name="pixels">N×3×H×W, normalised, H and W multiples of 32.</param>
    /// <param name="extents">Height and width per image, multiples of 32, that grids and coordinates are laid over
    /// (KF-21); null for those of the batch.</param>
    /// <returns>What the heads say; the caller owns the tensors.</returns>
    public SoloPredictions Predict(Tensor pixels, IReadOnlyList<(int Height, int Width)>? extents = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] levels = _backbone.call(pixels);
        (IReadOnlyList<Tensor> categories, IReadOnlyList<Tensor> kernels) =
            _instanceHead.Run([.. _instanceLevels.Select(i => levels[i])], extents);
        Tensor feature = _maskHead.Run([.. _maskLevels.Select(i => levels[i])], extents);
        scope.MoveToOuter([.. categories, .. kernels, feature]);
        return new SoloPredictions(categories, kernels, feature);
    }

    private IReadOnlyList<(int Height, int Width)>? OwnExtents(ImageBatch batch) => Settings.SoloV2.Options.OwnGrids
        ? [.. batch.Sizes.Select(s => (ImageBatching.Padded(s.Height), ImageBatching.Padded(s.Width)))]
        : null;
}
