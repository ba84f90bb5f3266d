using Dense.Distributed;
using Dense.Pretraining.Contrast;
using Dense.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Pretraining;

// Shapes: N images, C embedding length, F backbone channels, S² = P grid positions, K queue length.

/// <summary>
/// DenseCL: MoCo-v2 with a second contrastive loss between the grid cells of two views (Wang et al., "Dense Contrastive
/// Learning for Self-Supervised Visual Pre-Training", CVPR 2021).
/// </summary>
/// <remarks>
/// Checkpoint keys (P-11): <c>queue</c>, <c>queue_ptr</c>, <c>queue2</c>, <c>queue2_ptr</c>, <c>encoder_q.0.*</c>
/// (backbone), <c>encoder_q.1.*</c> (neck), <c>encoder_k.*</c>, and <c>backbone.*</c>, an alias of
/// <c>encoder_q.0.*</c>.
/// </remarks>
public sealed class DenseCl : ContrastiveMethod<DenseClNeck>
{
    private readonly DenseClSettings _settings;
    private readonly NegativeKeys _globalQueue;
    private readonly NegativeKeys _denseQueue;

    /// <summary>Builds the method with random weights and queues (P-14 to P-16).</summary>
    /// <param name="settings">Options.</param>
    /// <param name="collectives">The other ranks.</param>
    /// <param name="seed">Of the key shuffle.</param>
    /// <exception cref="ArgumentException">The settings cannot be built; the message holds every reason.</exception>
    public DenseCl(DenseClSettings settings, ICollectives? collectives = null, ulong seed = 0)
        : base(nameof(DenseCl), settings, () => new DenseClNeck(settings.Neck),
            collectives ?? SingleProcess.Instance, seed)
    {
        _settings = settings;
        _globalQueue = new NegativeKeys(settings.QueueLength, settings.FeatureDim);
        _denseQueue = new NegativeKeys(settings.QueueLength, settings.FeatureDim);
    }

    private protected override IReadOnlyList<(string Name, NegativeKeys Queue)> Queues =>
        [("queue", _globalQueue), ("queue2", _denseQueue)];

    /// <summary>The last feature map as one unit vector per position (P-37, "test").</summary>
    /// <param name="images">N×3×H×W.</param>
    /// <returns>N×F×P.</returns>
    public Tensor DenseFeatures(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return Extract(images)[^1].flatten(2).Unit().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override StepResult Step(PretrainingBatch batch, StepContext context)
    {
        using DisposeScope scope = NewDisposeScope();
        Backbone.Segments = context.Segments;
        var (queryImages, keyImages) = Views(batch);

        Embedding query = Embed(Encoders.Query, queryImages);
        Encoders.Follow(_settings.KeyMomentum);
        Embedding key = EmbedKeys(keyImages, context);

        // Which key cell shows the same as each query cell: the most similar backbone vector (eq. 3 of the paper).
        Tensor match = Correspond(query.Features, key.Features);
        Tensor matched = key.Grid.gather(2, match.unsqueeze(1).expand_as(query.Grid));

        Tensor globalPositives = (query.Global * key.Global).sum(dim: 1);
        Tensor densePositives = (query.Grid * matched).sum(dim: 1).flatten();
        Tensor denseRows = query.Grid.transpose(1, 2).reshape(-1, _settings.FeatureDim);
        Tensor globalLoss = InfoNce.Loss(query.Global, globalPositives, _globalQueue.Rows, _settings.Temperature);
        Tensor denseLoss = InfoNce.Loss(denseRows, densePositives, _denseQueue.Rows, _settings.Temperature);

        double lambda = _settings.LambdaAt(context.Iteration);
        Tensor single = globalLoss.Times(1 - lambda), dense = denseLoss.Times(lambda), total = single.Plus(dense);
        NamedScalar[] losses = [
            new("loss_contra_single", single.detach()), new("loss_contra_dense", dense.detach()),
            new("loss", total.detach())];
        NamedScalar[] figures = context.Figures ? [
            new("raw_loss_single", globalLoss.detach()), new("raw_loss_dense", denseLoss.detach()),
            new("lambda", tensor((float)lambda)), new("queue_fill", QueueFill(context, keyImages.shape[0])),
            .. Accuracies("single", query.Global, globalPositives, _globalQueue),
            .. Accuracies("dense", denseRows, densePositives, _denseQueue),
            new("matched_cosine", MatchedCosine(query.Features, key.Features, match)),
            new("spread_single", ContrastFigures.Spread(query.Global)),
            new("spread_dense", ContrastFigures.Spread(denseRows))] : [];
        Show(context, query, key, match, densePositives);

        // After the losses: this step's keys are the negatives of later ones.
        Enqueue(_globalQueue, key.Global);
        Enqueue(_denseQueue, key.Pooled);

        foreach (NamedScalar scalar in losses.Concat(figures))
            scalar.Value.MoveToOuterDisposeScope();
        return new StepResult(total.MoveToOuterDisposeScope(), losses, figures);
    }

    private Embedding Embed(Encoder<DenseClNeck> encoder, Tensor images)
    {
        using Autocast? autocast = Shorten();
        Tensor features = encoder.Backbone.call(images)[^1];
        DenseClProjections projected = encoder.Neck.call(features);
        return new Embedding(
            projected.Global.Unit(), projected.Grid.Unit(), projected.Pooled.Unit(),
            encoder.Neck.ToGrid(features.detach()).flatten(2).Unit());
    }

    private Embedding EmbedKeys(Tensor images, StepContext context)
    {
        using IDisposable noGradient = no_grad();
        KeyShuffle shuffle = Shuffle(context, images);
        Embedding key = Embed(Encoders.Key, LayOut(shuffle.Apply(images)));
        return new Embedding(
            shuffle.Undo(key.Global), shuffle.Undo(key.Grid), shuffle.Undo(key.Pooled), shuffle.Undo(key.Features));
    }

    // Nothing flows back through an argmax, so it is computed outside the graph (P-32, P-219).
    private static Tensor Correspond(Tensor queryFeatures, Tensor keyFeatures)
    {
        using IDisposable noGradient = no_grad();
        return queryFeatures.transpose(1, 2).bmm(keyFeatures).argmax(2);
    }

    private static Tensor MatchedCosine(Tensor queryFeatures, Tensor keyFeatures, Tensor match)
    {
        using IDisposable noGradient = no_grad();
        Tensor matched = keyFeatures.gather(2, match.unsqueeze(1).expand_as(queryFeatures));
        return (queryFeatures * matched).sum(dim: 1).mean();
    }

    private static NamedScalar[] Accuracies(string branch, Tensor rows, Tensor positives, NegativeKeys queue)
    {
        var (top1, top5) = ContrastFigures.Accuracy(rows, positives, queue.Rows);
        return [new("top1_" + branch, top1), new("top5_" + branch, top5)];
    }

    private void Show(
        StepContext context, Embedding query, Embedding key, Tensor match, Tensor densePositives)
    {
        if (context.Observe is not { } observe)
            return;

        observe("queue", _globalQueue.Rows);
        observe("queue2", _denseQueue.Rows);
        observe("q", query.Global);
        observe("q_grid", query.Grid);
        observe("q2", query.Pooled);
        observe("q_b", query.Features);
        observe("k", key.Global);
        observe("k_grid", key.Grid);
        observe("k2", key.Pooled);
        observe("k_b", key.Features);
        observe("densecl_sim_ind", match);
        observe("l_pos_dense", densePositives.unsqueeze(1));
    }

    /// <summary>Unit vectors of one view: N×C, N×C×P, N×C, and the backbone's N×F×P without gradient.</summary>
    private readonly record struct Embedding(Tensor Global, Tensor Grid, Tensor Pooled, Tensor Features);
}
