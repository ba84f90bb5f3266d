using Dense.Checkpoints;
using Dense.Distributed;
using Dense.Models.Backbones;
using Dense.Pretraining.Contrast;
using Dense.Pretraining.State;
using Dense.Torch;
using Dense.Torch.Flat;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Dense.Pretraining;

/// <summary>What MoCo and DenseCL share: two encoders, queues, and their state dictionary.</summary>
/// <typeparam name="TNeck">The projection on the backbone.</typeparam>
public abstract class ContrastiveMethod<TNeck> : PretrainingMethod
    where TNeck : nn.Module
{
    private const string Alias = "backbone.";
    private const string Original = "encoder_q.0.";

    [ComponentName(Name = "encoder_q")]
    private readonly Encoder<TNeck> _query;

    [ComponentName(Name = "encoder_k")]
    private readonly Encoder<TNeck> _key;

    private readonly ContrastiveSettings _settings;

    private protected ContrastiveMethod(
        string name, ContrastiveSettings settings, Func<TNeck> createNeck, ICollectives collectives, ulong seed)
        : base(name, collectives)
    {
        settings.Require();
        _settings = settings;
        Seed = seed;
        Encoders = new MomentumEncoders<TNeck>(
            () => new Encoder<TNeck>(new ResNet(settings.Backbone), createNeck()));
        _query = Encoders.Query;
        _key = Encoders.Key;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public sealed override ResNet Backbone => _query.Backbone;

    /// <inheritdoc/>
    public sealed override FlatParameters Parameters => Encoders.Parameters;

    /// <inheritdoc/>
    public sealed override IReadOnlyList<NamedParameter> OptimizerParameters => Encoders.All;

    /// <summary>What the key shuffle is drawn from.</summary>
    private protected ulong Seed { get; }

    private protected MomentumEncoders<TNeck> Encoders { get; }

    /// <summary>Each queue with its checkpoint name.</summary>
    private protected abstract IReadOnlyList<(string Name, NegativeKeys Queue)> Queues { get; }

    private protected sealed override IEnumerable<StateEntry> StateEntries =>
        [.. QueueEntries, .. EncoderEntries, .. AliasEntries];

    private IEnumerable<StateEntry> QueueEntries => Queues.SelectMany(q => (StateEntry[])[
        StateEntry.Of(q.Name, q.Queue.Columns),
        StateEntry.Of(q.Name + "_ptr", () => q.Queue.Pointer, p => q.Queue.Pointer = p)]);

    private IEnumerable<StateEntry> EncoderEntries =>
        ModuleState.Tensors(_query, "encoder_q.").Concat(ModuleState.Tensors(_key, "encoder_k."))
            .Select(e => StateEntry.Of(e.Name, e.Tensor));

    private IEnumerable<StateEntry> AliasEntries =>
        ModuleState.Tensors(Backbone, Alias).Select(e => StateEntry.Of(e.Name, e.Tensor));

    /// <inheritdoc/>
    public sealed override IReadOnlyList<(string Name, Tensor Tensor)> Replicated =>
    [
        .. base.Replicated, ("key encoder's parameters", Encoders.KeyValues),
        .. Queues.Select(q => ($"keys in {q.Name}", q.Queue.Rows)),
    ];

    /// <inheritdoc/>
    public override StateLoadReport LoadState(IReadOnlyDictionary<string, TensorRecord> state)
    {
        Dictionary<string, TensorRecord> records = StateLoading.Unwrapped(state);
        List<string> warnings = [];
        foreach (var (name, record) in records.Where(e => e.Key.StartsWith(Alias, StringComparison.Ordinal)).ToArray())
        {
            string original = Original + name[Alias.Length..];
            if (!records.TryGetValue(original, out TensorRecord? kept))
                records[original] = record; // A file that holds the backbone only.
            else if (!Same(kept, record))
                warnings.Add($"{name} differs from {original} in the file; {original} is used.");
            records.Remove(name);
        }

        return StateLoading.Load([.. QueueEntries, .. EncoderEntries], records, warnings);
    }

    /// <inheritdoc/>
    public sealed override StateLoadReport LoadBackbone(
        IReadOnlyDictionary<string, TensorRecord> state, string source)
    {
        StateLoadReport report = base.LoadBackbone(state, source);
        Encoders.CopyParametersToKey();
        return report;
    }

    private protected sealed override void PlaceParts(PlacementSettings placement)
    {
        Encoders.Place(placement.ChannelsLast, _settings.BatchNormGroups);
        foreach (var (_, queue) in Queues)
            queue.Place(placement.Device, placement.Type);
    }

    /// <summary>The two views of a batch; the query's in the layout of the network, the key's as it came.</summary>
    private protected (Tensor Query, Tensor Key) Views(PretrainingBatch batch)
    {
        long[] shape = batch.Images.shape;
        if (shape.Length != 5 || shape[1] != 2)
        {
            throw new ArgumentException(
                $"{GetName()} trains on two views of each image, N×2×3×H×W; got {string.Join("×", shape)}.",
                nameof(batch));
        }

        return (LayOut(batch.Images.select(1, 0)), batch.Images.select(1, 1));
    }

    /// <summary>How much of the queue holds real keys, 0 to 1.</summary>
    private protected Tensor QueueFill(StepContext context, long batchPerRank)
    {
        double written = (double)context.Iteration * batchPerRank * Collectives.WorldSize;
        return tensor((float)Math.Min(1, written / _settings.QueueLength));
    }

    /// <summary>The vectors of all ranks, to be queued.</summary>
    private protected void Enqueue(NegativeKeys queue, Tensor keys)
    {
        using DisposeScope scope = NewDisposeScope();
        queue.Enqueue(Collectives.Gather(keys.contiguous()));
    }

    /// <summary>The shuffle of one step's keys.</summary>
    private protected KeyShuffle Shuffle(StepContext context, Tensor keyImages) => new(
        Collectives, context, Seed, keyImages.shape[0], _settings.BatchNormGroups, keyImages.device);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Encoders.Dispose();
            foreach (var (_, queue) in Queues)
                queue.Dispose();
        }

        base.Dispose(disposing);
    }

    private static bool Same(TensorRecord a, TensorRecord b) =>
        a.ElementType == b.ElementType && a.Shape.SequenceEqual(b.Shape) && a.Bytes.Span.SequenceEqual(b.Bytes.Span);
}
