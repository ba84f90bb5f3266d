using Dense.Detection.Losses;
using Dense.Detection.Settings;
using Dense.Torch;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Dense.Detection.SoloV2;

// Shapes: N images, C pyramid channels, K classes, D numbers of a kernel, G cells per side of a level.

/// <summary>
/// Tells for every cell of five grids which class the object centred there has, and the kernel that cuts its mask out
/// of the mask feature (section 3.2 of SOLOv2; M-78 to M-83). One pair of towers serves all levels.
/// </summary>
/// <remarks>
/// Checkpoint keys: <c>{cate|kernel}_tower.{3j}.weight</c> (convolution j), <c>.{3j+1}.{weight,bias}</c> (its norm),
/// <c>cate_pred.{weight,bias}</c>, <c>kernel_pred.{weight,bias}</c>.
/// </remarks>
public sealed class SoloInstanceHead : nn.Module
{
    // Finest level at half the size of p2, coarsest at the size of p5 (M-78).
    private const int CoarsestWithOwnSize = 3;

    [ComponentName(Name = "cate_tower")]
    private readonly Sequential _categoryTower;

    [ComponentName(Name = "kernel_tower")]
    private readonly Sequential _kernelTower;

    [ComponentName(Name = "cate_pred")]
    private readonly Conv2d _category;

    [ComponentName(Name = "kernel_pred")]
    private readonly Conv2d _kernel;

    private readonly IReadOnlyList<int> _grids, _strides;
    private readonly bool _usesCoordinates;

    /// <summary>Creates the head with random weights (M-83).</summary>
    public SoloInstanceHead(SoloV2Settings settings)
        : base(nameof(SoloInstanceHead))
    {
        _grids = settings.Grids;
        _strides = [.. settings.InstanceInFeatures.Select(SoloLayers.StrideOf)];
        _usesCoordinates = settings.UseCoordinates;
        long channels = settings.InstanceChannels;
        _categoryTower = Tower(settings, settings.InstanceInChannels);
        _kernelTower = Tower(settings, settings.InstanceInChannels + (_usesCoordinates ? 2 : 0));
        _category = nn.Conv2d(channels, settings.NumClasses, 3, padding: 1);
        _kernel = nn.Conv2d(channels, settings.NumKernels, 3, padding: 1);
        RegisterComponents();

        SoloLayers.Initialise(this);
        using IDisposable noGradient = no_grad();
        _category.bias!.Fill(Prior.Logit(settings.PriorProbability));
    }

    /// <summary>Runs the towers over all levels.</summary>
    /// <param name="features">p2 … p6, each N×C×H×W.</param>
    /// <param name="extents">Height and width per image, in pixels, that the grids are laid over; null for those of the
    /// batch.</param>
    /// <returns>Per level N×K×G×G category logits and N×D×G×G kernels; the caller owns them.</returns>
    public (IReadOnlyList<Tensor> Categories, IReadOnlyList<Tensor> Kernels) Run(
        IReadOnlyList<Tensor> features, IReadOnlyList<(int Height, int Width)>? extents = null)
    {
        using DisposeScope scope = NewDisposeScope();
        var categories = new Tensor[_grids.Count];
        var kernels = new Tensor[_grids.Count];
        for (int level = 0; level < _grids.Count; level++)
        {
            using DisposeScope levelScope = NewDisposeScope();
            Tensor grid = extents is null
                ? ToGrid(features, level)
                : cat([.. extents.Select((extent, n) => ToGrid(Cut(features, n, extent), level))]);
            Tensor plain = _usesCoordinates ? grid.narrow(1, 0, grid.shape[1] - 2) : grid;
            categories[level] = _category.call(_categoryTower.call(plain)).MoveToOuterDisposeScope();
            kernels[level] = _kernel.call(_kernelTower.call(grid)).MoveToOuterDisposeScope();
        }

        scope.MoveToOuter(categories);
        scope.MoveToOuter(kernels);
        return (categories, kernels);
    }

    private static Sequential Tower(SoloV2Settings settings, long inChannels)
    {
        long channels = settings.InstanceChannels;
        return nn.Sequential(Enumerable.Range(0, settings.InstanceConvolutions)
            .SelectMany(j => SoloLayers.Block(j == 0 ? inChannels : channels, channels, settings.Norm)));
    }

    // One image's part of the features, 1×C×H×W each.
    private Tensor[] Cut(IReadOnlyList<Tensor> features, int n, (int Height, int Width) extent) =>
    [
        .. features.Zip(_strides, (map, stride) => map.narrow(0, n, 1)
            .narrow(2, 0, (extent.Height + stride - 1) / stride)
            .narrow(3, 0, (extent.Width + stride - 1) / stride)),
    ];

    // N×C(+2)×G×G. The coordinates are laid over the level's own map and resized with it (M-79).
    private Tensor ToGrid(IReadOnlyList<Tensor> features, int level)
    {
        Tensor map = features[level];
        if (level == 0)
            map = SoloLayers.Resize(map, map.shape[2] / 2, map.shape[3] / 2);
        else if (level > CoarsestWithOwnSize)
            map = SoloLayers.Resize(map, features[level - 1].shape[2], features[level - 1].shape[3]);

        if (_usesCoordinates)
            map = SoloLayers.WithCoordinates(map);
        return SoloLayers.Resize(map, _grids[level], _grids[level]);
    }
}
