using Dense.Checkpoints;
using Dense.Distributed;
using Dense.Pretraining.Contrast;
using Dense.Pretraining.State;
using Dense.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Pretraining;

// Shapes: N images, C embedding length, K queue length.

/// <summary>
/// MoCo v1 and v2: contrasts an image's two views against a queue of other images (He et al., "Momentum Contrast for
/// Unsupervised Visual Representation Learning", CVPR 2020; Chen et al., "Improved Baselines with Momentum Contrastive
/// Learning", 2020).
/// </summary>
/// <remarks>
/// Checkpoint keys (P-40): <c>queue</c>, <c>queue_ptr</c>, <c>encoder_q.{0,1}.*</c>, <c>encoder_k.{0,1}.*</c>,
/// <c>backbone.*</c>. Checkpoints of facebookresearch/moco load too (P-47).
/// </remarks>
public sealed class MoCo : ContrastiveMethod<MoCoNeck>
{
    private readonly MoCoSettings _settings;
    private readonly NegativeKeys _queue;

    /// <summary>Builds the method with random weights and a random queue.</summary>
    /// <param name="settings">Options.</param>
    /// <param name="collectives">The other ranks.</param>
    /// <param name="seed">Of the key shuffle.</param>
    /// <exception cref="ArgumentException">The settings cannot be built; the message holds every reason.</exception>
    public MoCo(MoCoSettings settings, ICollectives? collectives = null, ulong seed = 0)
        : base(nameof(MoCo), settings, () => new MoCoNeck(settings.Neck), collectives ?? SingleProcess.Instance, seed)
    {
        _settings = settings;
        _queue = new NegativeKeys(settings.QueueLength, settings.FeatureDim);
    }

    private protected override IReadOnlyList<(string Name, NegativeKeys Queue)> Queues => [("queue", _queue)];

    /// <inheritdoc/>
    public override StateLoadReport LoadState(IReadOnlyDictionary<string, TensorRecord> state) =>
        base.LoadState(FacebookNames.Recognise(state) ? FacebookNames.Translate(state) : state);

    /// <inheritdoc/>
    public override StepResult Step(PretrainingBatch batch, StepContext context)
    {
        using DisposeScope scope = NewDisposeScope();
        Backbone.Segments = context.Segments;
        var (queryImages, keyImages) = Views(batch);

        Tensor query = Embed(Encoders.Query, queryImages);
        Encoders.Follow(_settings.KeyMomentum);
        Tensor key = EmbedKeys(keyImages, context);

        Tensor positives = (query * key).sum(dim: 1);
        Tensor total = InfoNce.Loss(query, positives, _queue.Rows, _settings.Temperature);
        NamedScalar[] losses = [new("loss_contra", total.detach()), new("loss", total.detach())];
        NamedScalar[] figures = [];
        if (context.Figures)
        {
            var (top1, top5) = ContrastFigures.Accuracy(query, positives, _queue.Rows);
            figures = [
                new("top1", top1), new("top5", top5), new("queue_fill", QueueFill(context, keyImages.shape[0])),
                new("spread", ContrastFigures.Spread(query))];
        }

        context.Observe?.Invoke("queue", _queue.Rows);
        context.Observe?.Invoke("q", query);
        context.Observe?.Invoke("k", key);
        Enqueue(_queue, key);

        foreach (NamedScalar scalar in losses.Concat(figures))
            scalar.Value.MoveToOuterDisposeScope();
        return new StepResult(total.MoveToOuterDisposeScope(), losses, figures);
    }

    private Tensor Embed(Encoder<MoCoNeck> encoder, Tensor images)
    {
        using Autocast? autocast = Shorten();
        return encoder.Neck.call(encoder.Backbone.call(images)[^1]).Unit();
    }

    private Tensor EmbedKeys(Tensor images, StepContext context)
    {
        using IDisposable noGradient = no_grad();
        KeyShuffle shuffle = Shuffle(context, images);
        return shuffle.Undo(Embed(Encoders.Key, LayOut(shuffle.Apply(images))));
    }
}
