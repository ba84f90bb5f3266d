using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Models.Backbones;
using Dense.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dense.Detection.Backbones;

/// <summary>
/// A ResNet and a feature pyramid over it (Lin et al., "Feature Pyramid Networks for Object Detection", 2017): the part
/// that both detectors share (M-15 to M-40).
/// </summary>
/// <remarks>
/// <para>
/// With C_s the ResNet's map of stride 2^s: P_top = lateral(C_top), P_s = lateral(C_s) + nearest×2(P_{s+1}), and level
/// p{s} = output(P_s) (M-35). Above the top, FCOS adds convolutions (M-38) and SOLOv2 every second position of the top
/// level (M-39).
/// </para>
/// <para>
/// Parts, in the order of a checkpoint (M-36): <c>fpn_lateral{s}</c> and <c>fpn_output{s}</c> for ascending s,
/// <c>top_block</c>, <c>bottom_up</c>.
/// </para>
/// </remarks>
public sealed class PyramidBackbone : Module<Tensor, Tensor[]>
{
    /// <summary>Images are padded to multiples of this: the stride of res5 (M-8).</summary>
    public const int SizeDivisibility = 32;

    private readonly List<(PyramidConvolution Lateral, PyramidConvolution Output)> _levels = [];
    private readonly TopBlock? _topBlock;
    private readonly bool _averages;
    private readonly bool _subsamplesTop;

    /// <summary>Builds the network with randomly initialised weights (M-23, M-37), drawn from libtorch's
    /// generator.</summary>
    /// <param name="settings">What to build; the head decides what is above the pyramid.</param>
    /// <param name="collectives">The other ranks.</param>
    /// <exception cref="ArgumentException">The settings cannot be built; the message holds every reason.</exception>
    public PyramidBackbone(DetectorSettings settings, ICollectives collectives)
        : base(nameof(PyramidBackbone))
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(collectives);
        string[] problems = [.. BackboneProblems.Of(settings)];
        if (problems.Length > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(settings));

        PyramidSettings pyramid = settings.Pyramid;
        ResNetSettings bottomUp = BottomUpSettings.Of(settings);
        int[] stages = [.. pyramid.InFeatures.Select(BottomUpSettings.Stage)];
        _averages = pyramid.Averages;
        _subsamplesTop = settings.Kind == DetectorKind.SoloV2;
        foreach (int stage in stages)
        {
            var lateral = new PyramidConvolution(
                bottomUp.Channels(stage), pyramid.OutChannels, 1, pyramid.Norm, collectives);
            var output = new PyramidConvolution(pyramid.OutChannels, pyramid.OutChannels, 3, pyramid.Norm, collectives);
            _levels.Add((lateral, output));
            register_module($"fpn_lateral{stage + 1}", lateral);
            register_module($"fpn_output{stage + 1}", output);
        }

        int top = stages[^1] + 1;
        int above = _subsamplesTop ? 1 : settings.Fcos.TopLevels;
        if (!_subsamplesTop && above > 0)
            register_module("top_block", _topBlock = new TopBlock(pyramid.OutChannels, above, top + 1));

        register_module("bottom_up", BottomUp = new ResNet(bottomUp));
        NormLayers.Connect(BottomUp, collectives);
        LevelNames = [.. Enumerable.Range(stages[0] + 1, stages.Length + above).Select(s => $"p{s}")];
        OutChannels = pyramid.OutChannels;
    }

    /// <summary>The levels returned, such as <c>p3</c> … <c>p7</c>: level p{s} has stride 2^s.</summary>
    public IReadOnlyList<string> LevelNames { get; }

    /// <summary>Channels of every level.</summary>
    public int OutChannels { get; }

    /// <summary>The ResNet; its names are torchvision's, see <see cref="DetectorState"/>.</summary>
    internal ResNet BottomUp { get; }

    /// <summary>Where levels lie in the result of a pass.</summary>
    /// <param name="names">Levels that a head sees, such as <c>p3</c>.</param>
    /// <exception cref="ArgumentException">The pyramid has no such level.</exception>
    public IReadOnlyList<int> IndicesOf(IEnumerable<string> names) => [.. names.Select(name =>
        LevelNames.Index().Where(l => l.Item == name).Select(l => (int?)l.Index).FirstOrDefault()
        ?? throw new ArgumentException(
            $"A head wants level {name}; the pyramid has {string.Join(", ", LevelNames)}. Change the head's features "
            + "(such as MODEL.FCOS.IN_FEATURES), or MODEL.FPN.IN_FEATURES and MODEL.FCOS.TOP_LEVELS.", nameof(names)))];

    /// <summary>Computes all levels.</summary>
    /// <param name="images">N×3×H×W, normalised, H and W multiples of 32.</param>
    /// <returns>
    /// The levels of <see cref="LevelNames"/>, largest first: N×<see cref="OutChannels"/>×⌈H/2^s⌉×⌈W/2^s⌉. The caller
    /// owns them.
    /// </returns>
    public override Tensor[] forward(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] outputs = Levels(BottomUp.call(images));
        return [.. outputs.Select(o => o.MoveToOuterDisposeScope())];
    }

    /// <summary>Computes the levels from the ResNet's maps.</summary>
    /// <param name="features">The maps of MODEL.FPN.IN_FEATURES, largest first.</param>
    internal Tensor[] Levels(Tensor[] features)
    {
        var outputs = new Tensor[_levels.Count];
        Tensor? above = null;
        for (int i = _levels.Count - 1; i >= 0; i--)
        {
            Tensor level = _levels[i].Lateral.call(features[i]);
            if (above is not null)
            {
                level = level.AddInPlace(functional.interpolate(
                    above, size: level.shape[2..], mode: InterpolationMode.Nearest));
                if (_averages)
                    level = level.MultiplyInPlace(0.5);
            }

            outputs[i] = _levels[i].Output.call(level);
            above = level;
        }

        Tensor top = outputs[^1];
        return _subsamplesTop ? [.. outputs, functional.max_pool2d(top, 1, stride: 2)]
            : _topBlock is not null ? [.. outputs, .. _topBlock.call(top)]
            : outputs;
    }

    /// <inheritdoc/>
    protected override void RegisterComponents()
    {
        // Names depend on the levels, so the parts are registered one by one and not by their fields.
    }
}
