using Dense.Distributed;
using Dense.Models.Backbones;
using Dense.Pretraining.Probes;
using Dense.Pretraining.State;
using Dense.Torch;
using Dense.Torch.Flat;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Dense.Pretraining;

/// <summary>
/// The supervised baseline, and where the backbone is frozen the linear probes, of one level or five (P-48, P-153,
/// P-154).
/// </summary>
/// <remarks>
/// Checkpoint keys: <c>backbone.*</c>, <c>head.fc_cls.{weight,bias}</c>; with five levels <c>head.*</c> as in
/// <see cref="MultiLevelHead"/>.
/// </remarks>
public sealed class Classification : PretrainingMethod
{
    [ComponentName(Name = "backbone")]
    private readonly ResNet _backbone;

    private readonly Func<Tensor[], Tensor[]> _score;
    private FlatParameters? _flat;

    /// <summary>Builds the method with random weights.</summary>
    /// <exception cref="ArgumentException">The settings cannot be built; the message holds every reason.</exception>
    public Classification(ClassificationSettings settings, ICollectives? collectives = null)
        : base(nameof(Classification), collectives ?? SingleProcess.Instance)
    {
        string[] problems = [.. settings.Problems()];
        if (problems.Length > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(settings));

        _backbone = new ResNet(settings.Backbone);
        RegisterComponents();
        if (settings.Head == HeadKind.MultiLevel)
        {
            var head = new MultiLevelHead(settings.Backbone, settings.NumClasses);
            register_module("head", head);
            _score = head.call;
            Suffixes = [.. Enumerable.Range(1, MultiLevelHead.Poolings.Count).Select(level => $"_feat{level}")];
        }
        else
        {
            var head = new ClassificationHead(settings.InChannels, settings.NumClasses, settings.WithAveragePool);
            register_module("head", head);
            _score = features => [head.call(features[^1])];
            Suffixes = [""];
        }
    }

    /// <inheritdoc/>
    public override ResNet Backbone => _backbone;

    /// <summary>
    /// What the log puts behind the names of each classifier's figures: nothing for one, <c>_feat1</c> to <c>_feat5</c>
    /// for five, which are the names of the levels (P-177).
    /// </summary>
    public IReadOnlyList<string> Suffixes { get; }

    /// <inheritdoc/>
    public override FlatParameters Parameters => _flat
        ?? throw new InvalidOperationException("Place the method on its device before training.");

    /// <inheritdoc/>
    public override IReadOnlyList<NamedParameter> OptimizerParameters => [.. ModuleState.Parameters(this)];

    private protected override IEnumerable<StateEntry> StateEntries =>
        ModuleState.Tensors(this).Select(e => StateEntry.Of(e.Name, e.Tensor));

    /// <summary>Scores a batch in whatever mode the caller has set.</summary>
    /// <param name="images">N×3×H×W.</param>
    /// <returns>N×classifiers×classes, before the softmax.</returns>
    public Tensor Classify(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return stack(Scores(images), dim: 1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override StepResult Step(PretrainingBatch batch, StepContext context)
    {
        if (batch.Images.ndim != 4 || batch.Labels is null)
        {
            throw new ArgumentException(
                $"Classification trains on labelled images N×3×H×W; got {string.Join("×", batch.Images.shape)}"
                + (batch.Labels is null ? " without labels." : "."), nameof(batch));
        }

        using DisposeScope scope = NewDisposeScope();
        Backbone.Segments = context.Segments;
        Tensor[] scores = Scores(batch.Images);
        Tensor[] losses = [.. scores.Select(s => nn.functional.cross_entropy(s, batch.Labels))];
        Tensor total = losses.Aggregate((sum, loss) => sum.Plus(loss)); // P-111.
        var terms = new List<NamedScalar>();
        for (int i = 0; i < scores.Length; i++)
        {
            context.Observe?.Invoke("cls_score" + Suffixes[i], scores[i]);
            if (scores.Length > 1)
                terms.Add(new("loss" + Suffixes[i], losses[i].detach().MoveToOuterDisposeScope()));
            terms.Add(new("acc" + Suffixes[i], Accuracy(scores[i], batch.Labels).MoveToOuterDisposeScope()));
        }

        terms.Add(new("loss", total.detach().MoveToOuterDisposeScope()));
        return new StepResult(total.MoveToOuterDisposeScope(), terms, []);
    }

    private protected override void PlaceParts(PlacementSettings placement)
    {
        _flat?.Dispose();
        _flat = new FlatParameters(OptimizerParameters, placement.ChannelsLast);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _flat?.Dispose();
        base.Dispose(disposing);
    }

    private Tensor[] Scores(Tensor images)
    {
        using Autocast? autocast = Shorten();
        return [.. _score(_backbone.call(LayOut(images)))
            .Select(s => s.dtype == ScalarType.Float64 ? s : s.to(ScalarType.Float32))];
    }

    // Top-1 of the batch in percent.
    private static Tensor Accuracy(Tensor scores, Tensor labels) =>
        scores.detach().argmax(1).eq(labels).to(ScalarType.Float32).mean().Times(100);
}
