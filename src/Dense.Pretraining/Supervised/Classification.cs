using Dense.Distributed;
using Dense.Models.Backbones;
using Dense.Pretraining.State;
using Dense.Torch;
using Dense.Torch.Flat;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Dense.Pretraining;

/// <summary>
/// The supervised baseline, and the linear probe where the backbone is frozen (P-48, P-153).
/// </summary>
/// <remarks>Checkpoint keys: <c>backbone.*</c>, <c>head.fc_cls.{weight,bias}</c>.</remarks>
public sealed class Classification : PretrainingMethod
{
    [ComponentName(Name = "backbone")]
    private readonly ResNet _backbone;

    [ComponentName(Name = "head")]
    private readonly ClassificationHead _head;

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
        _head = new ClassificationHead(settings.InChannels, settings.NumClasses, settings.WithAveragePool);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override ResNet Backbone => _backbone;

    /// <inheritdoc/>
    public override FlatParameters Parameters => _flat
        ?? throw new InvalidOperationException("Place the method on its device before training.");

    /// <inheritdoc/>
    public override IReadOnlyList<NamedParameter> OptimizerParameters => [.. ModuleState.Parameters(this)];

    private protected override IEnumerable<StateEntry> StateEntries =>
        ModuleState.Tensors(this).Select(e => StateEntry.Of(e.Name, e.Tensor));

    /// <summary>Scores a batch in whatever mode the caller has set.</summary>
    /// <param name="images">N×3×H×W.</param>
    /// <returns>N×classes, before the softmax.</returns>
    public Tensor Classify(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return Scores(images).MoveToOuterDisposeScope();
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
        Tensor scores = Scores(batch.Images);
        Tensor total = nn.functional.cross_entropy(scores, batch.Labels);
        Tensor accuracy = scores.detach().argmax(1).eq(batch.Labels).to(ScalarType.Float32).mean() * 100;
        context.Observe?.Invoke("cls_score", scores);
        NamedScalar[] losses = [
            new("acc", accuracy.MoveToOuterDisposeScope()), new("loss", total.detach().MoveToOuterDisposeScope())];
        return new StepResult(total.MoveToOuterDisposeScope(), losses, []);
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

    private Tensor Scores(Tensor images)
    {
        using Autocast? autocast = Shorten();
        Tensor scores = _head.call(_backbone.call(LayOut(images))[^1]);
        return scores.dtype == ScalarType.Float64 ? scores : scores.to(ScalarType.Float32);
    }
}
