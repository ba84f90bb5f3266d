using Dense.Detection.Backbones;
using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Models.Backbones;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Dense.Detection.Fcos;

/// <summary>
/// FCOS (Tian et al., "FCOS: Fully Convolutional One-Stage Object Detection", 2019): every location of a feature
/// pyramid says which classes it sees, how far the sides of the object's box are, and how central it lies in it. No
/// anchors, no proposals (M-41 to M-77).
/// </summary>
/// <remarks>Checkpoint keys: <c>backbone.*</c> (<see cref="PyramidBackbone"/>),
/// <c>proposal_generator.fcos_head.*</c> (<see cref="FcosHead"/>).</remarks>
public sealed class Fcos : Detector
{
    private const string MovingForegroundKey = "fcos.moving_foreground";

    [ComponentName(Name = "backbone")]
    private readonly PyramidBackbone _backbone;

    [ComponentName(Name = "proposal_generator")]
    private readonly ProposalGenerator _generator;

    private readonly IReadOnlyList<int> _levels;
    private readonly FcosTargets _targets;
    private readonly FcosLosses _losses;
    private readonly FcosInference _inference;

    /// <summary>Builds the network with randomly initialised weights, drawn from libtorch's generator.</summary>
    /// <param name="settings">What to build.</param>
    /// <param name="collectives">The other ranks.</param>
    /// <exception cref="ArgumentException">The settings cannot be built; the message holds every reason.</exception>
    public Fcos(DetectorSettings settings, ICollectives collectives)
        : base(nameof(Fcos), settings, collectives)
    {
        string[] problems = [.. FcosProblems.Of(settings)];
        if (problems.Length > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(settings));

        _backbone = new PyramidBackbone(settings, collectives);
        _levels = _backbone.IndicesOf(settings.Fcos.InFeatures);
        _generator = new ProposalGenerator(new FcosHead(settings.Fcos, _backbone.OutChannels, collectives));
        _targets = new FcosTargets(settings.Fcos);
        _losses = new FcosLosses(settings.Fcos, collectives);
        _inference = new FcosInference(settings.Fcos, settings.Compatibility);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override ResNet Backbone => _backbone.BottomUp;

    /// <summary>The running number of positive locations, where the class loss is divided by it (KF-4).</summary>
    public override IReadOnlyDictionary<string, double> TrainerState
    {
        get => Settings.Fcos.ClassNormalizer == ClassNormalizer.MovingForeground
            ? new Dictionary<string, double> { [MovingForegroundKey] = _losses.MovingForeground }
            : base.TrainerState;
        set
        {
            if (value.TryGetValue(MovingForegroundKey, out double positives))
                _losses.MovingForeground = positives;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<NamedLoss> Losses(ImageBatch batch, IReadOnlyList<GroundTruth> truths)
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<FcosLevel> levels = Predict(batch.Pixels);
        IReadOnlyList<LevelTargets> targets = _targets.Assign([.. levels.Select(l => l.MapSize)], truths);
        IReadOnlyList<NamedLoss> losses = _losses.Compute(levels, targets, withOthers: training);
        return [.. losses.Select(l => l.MoveToOuterDisposeScope())];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ImageDetections> Detect(ImageBatch batch, IReadOnlyList<InputImage> images) =>
        [.. Find(batch).Zip(batch.Sizes, images).Select(f => InOriginal(f.First, f.Second, f.Third))];

    /// <summary>What the head predicts for normalised images.</summary>
    /// <param name="pixels">N×3×H×W. Their memory layout, or that of the weights, is kept by all layers.</param>
    internal IReadOnlyList<FcosLevel> Predict(Tensor pixels)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] features = _backbone.call(pixels);
        IReadOnlyList<FcosLevel> levels = _generator.Head.call([.. _levels.Select(l => features[l])]);
        foreach (FcosLevel level in levels)
            _ = scope.MoveToOuter(level.Logits, level.Distances, level.Quality);
        return levels;
    }

    /// <summary>Detections in pixels of the network's input.</summary>
    internal IReadOnlyList<FcosDetections> Find(ImageBatch batch)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return _inference.Detect(Predict(batch.Pixels), batch.Sizes);
    }

    private static ImageDetections InOriginal(
        FcosDetections found, (int Height, int Width) size, InputImage image)
    {
        FcosDetections final = found.InOriginal(size, (image.OriginalHeight, image.OriginalWidth));
        return new ImageDetections
        {
            ImageId = image.ImageId,
            Height = image.OriginalHeight,
            Width = image.OriginalWidth,
            Boxes = final.Boxes,
            Scores = final.Scores,
            Classes = final.Classes,
        };
    }

    // Only there for the names of the reference.
    private sealed class ProposalGenerator : nn.Module
    {
        [ComponentName(Name = "fcos_head")]
        private readonly FcosHead _head;

        public ProposalGenerator(FcosHead head)
            : base(nameof(ProposalGenerator))
        {
            _head = head;
            RegisterComponents();
        }

        public FcosHead Head => _head;
    }
}
