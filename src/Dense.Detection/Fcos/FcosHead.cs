using Dense.Detection.Losses;
using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Torch;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dense.Detection.Fcos;

// Shapes: N images, C channels of the pyramid, K classes, h×w locations of a level.

/// <summary>
/// Predicts at every location of every pyramid level which classes are there, how far the sides of the box are and how
/// good that box is (section 3 of the FCOS paper; M-41 to M-47). One set of weights serves all levels.
/// </summary>
/// <remarks>
/// Checkpoint keys: <c>{cls,bbox,share}_tower.*</c> (<see cref="FcosTower"/>), <c>cls_logits</c>, <c>bbox_pred</c>,
/// <c>ctrness</c> (also when it predicts the IoU) with <c>weight</c> and <c>bias</c>, <c>scales.{level}.scale</c>.
/// </remarks>
public sealed class FcosHead : Module<IReadOnlyList<Tensor>, IReadOnlyList<FcosLevel>>
{
    private const double InitialDeviation = 0.01;

    [ComponentName(Name = "cls_tower")]
    private readonly FcosTower _classTower;

    [ComponentName(Name = "bbox_tower")]
    private readonly FcosTower _boxTower;

    [ComponentName(Name = "share_tower")]
    private readonly FcosTower _sharedTower;

    [ComponentName(Name = "cls_logits")]
    private readonly Conv2d _logits;

    [ComponentName(Name = "bbox_pred")]
    private readonly Conv2d _distances;

    [ComponentName(Name = "ctrness")]
    private readonly Conv2d _quality;

    [ComponentName(Name = "scales")]
    private readonly ModuleList<LevelScale> _scales;

    /// <summary>Creates the head with its initial weights (M-46).</summary>
    /// <param name="settings">MODEL.FCOS.</param>
    /// <param name="channels">C.</param>
    /// <param name="collectives">The other ranks, for norms that span them.</param>
    public FcosHead(FcosSettings settings, long channels, ICollectives collectives)
        : base(nameof(FcosHead))
    {
        int levels = settings.InFeatures.Count;
        FcosTower Tower(int blocks) => new(blocks, channels, settings.Norm, levels, collectives);
        Conv2d Predictor(long outputs) => Conv2d(channels, outputs, kernel_size: 3, padding: 1);

        _classTower = Tower(settings.ClassConvolutions);
        _boxTower = Tower(settings.BoxConvolutions);
        _sharedTower = Tower(settings.SharedConvolutions);
        _logits = Predictor(settings.NumClasses);
        _distances = Predictor(4);
        _quality = Predictor(1);
        _scales = new ModuleList<LevelScale>(
            [.. Enumerable.Range(0, settings.UseScale ? levels : 0).Select(_ => new LevelScale())]);
        RegisterComponents();
        Initialise(settings.PriorProbability);
    }

    /// <summary>Predicts.</summary>
    /// <param name="features">N×C×h×w, one per level in ascending order.</param>
    /// <returns>One per level; the caller owns the tensors.</returns>
    public override IReadOnlyList<FcosLevel> forward(IReadOnlyList<Tensor> features) =>
        [.. features.Select(Predict)];

    private FcosLevel Predict(Tensor feature, int level)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor shared = _sharedTower.call(feature, level);
        Tensor classes = _classTower.call(shared, level), boxes = _boxTower.call(shared, level);

        Tensor distances = _distances.call(boxes);
        if (_scales.Count > 0)
            distances = _scales[level].call(distances);

        return new FcosLevel(
            _logits.call(classes).MoveToOuterDisposeScope(),
            distances.relu_().MoveToOuterDisposeScope(),
            _quality.call(boxes).MoveToOuterDisposeScope());
    }

    private void Initialise(double priorProbability)
    {
        using IDisposable noGradient = no_grad();
        foreach (Conv2d convolution in modules().OfType<Conv2d>())
        {
            init.normal_(convolution.weight, 0, InitialDeviation);
            init.zeros_(convolution.bias!);
        }

        _logits.bias!.Fill(Prior.Logit(priorProbability));
    }
}
