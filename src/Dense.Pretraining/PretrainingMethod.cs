using Dense.Checkpoints;
using Dense.Distributed;
using Dense.Distributed.Gradients;
using Dense.Models.Backbones;
using Dense.Models.Layers;
using Dense.Pretraining.State;
using Dense.Torch;
using Dense.Torch.Flat;
using Dense.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Pretraining;

/// <summary>
/// A way to train a backbone: what the training loop needs to know of it. Use: construct, load weights,
/// <see cref="Place"/>, <see cref="CopyFromFirstRank"/>; then per iteration <see cref="Step"/>, <see
/// cref="Gradients"/> of its total, the optimiser over <see cref="Parameters"/>, and <c>Parameters.ZeroGradients()</c>.
/// </summary>
/// <remarks>
/// Initial weights and queues come from libtorch's generator: seed it before constructing. Randomness of later steps is
/// keyed by the method's seed and the iteration, so a resumed run draws what the uninterrupted one would.
/// </remarks>
public abstract class PretrainingMethod : nn.Module
{
    private GradientExchange? _gradients;

    private protected PretrainingMethod(string name, ICollectives collectives)
        : base(name)
    {
        Collectives = collectives;
    }

    /// <summary>The other ranks.</summary>
    public ICollectives Collectives { get; }

    /// <summary>The network to be pre-trained.</summary>
    public abstract ResNet Backbone { get; }

    /// <summary>The learning side's parameters, frozen ones included. Known after <see cref="Place"/>.</summary>
    public abstract FlatParameters Parameters { get; }

    /// <summary>
    /// The parameters in the order in which the reference's optimiser numbers them (P-12, P-122): the key encoder's are
    /// among them, as not trainable.
    /// </summary>
    public abstract IReadOnlyList<NamedParameter> OptimizerParameters { get; }

    /// <summary>Where the method computes; set by <see cref="Place"/>.</summary>
    public PlacementSettings Placement { get; private set; } = new();

    /// <summary>The entries of the state dictionary in the reference's order (P-11, P-41, P-48).</summary>
    private protected abstract IEnumerable<StateEntry> StateEntries { get; }

    /// <summary>Moves everything to its device and type and lays the parameters out flat. Call once, before
    /// training.</summary>
    public void Place(PlacementSettings placement)
    {
        Placement = placement;
        this.to(placement.Type);
        this.to(placement.Device);
        if (Collectives.WorldSize > 1)
        {
            foreach (BatchNormLayer norm in modules().OfType<BatchNormLayer>())
                norm.SumOverProcesses = Collectives.SumInPlace;
        }

        PlaceParts(placement);
        _gradients = null;
        train();
    }

    /// <summary>
    /// Computes the losses of one step, updates the key encoder and fills the queue, in the reference's order (P-20,
    /// P-30). Does not differentiate.
    /// </summary>
    /// <exception cref="ArgumentException">The images do not have the shape that the method takes.</exception>
    public abstract StepResult Step(PretrainingBatch batch, StepContext context);

    /// <summary>The backbone's feature maps (P-37), in whatever mode the caller has set.</summary>
    /// <param name="images">N×3×H×W.</param>
    public Tensor[] Extract(Tensor images)
    {
        using Autocast? autocast = Shorten();
        using Tensor laidOut = LayOut(images);
        return Backbone.call(laidOut);
    }

    /// <summary>
    /// What is the same on all ranks at every step: parameters and queues, as one tensor each under a name in the
    /// plural. Running statistics are not: each rank's BatchNorm sees other images.
    /// </summary>
    public virtual IReadOnlyList<(string Name, Tensor Tensor)> Replicated => [("parameters", Parameters.Values)];

    /// <summary>Replaces parameters, buffers and queues of all ranks by those of rank 0 (P-110).</summary>
    public void CopyFromFirstRank()
    {
        if (Collectives.WorldSize == 1)
            return;

        foreach (Tensor tensor in Replicated.Select(r => r.Tensor).Concat(buffers()))
            Collectives.BroadcastInPlace(tensor);
    }

    /// <summary>Computes gradients and averages them over ranks (P-110). Known after <see cref="Place"/>.</summary>
    public GradientExchange Gradients =>
        _gradients ??= new GradientExchange(Parameters, Collectives, Backbone.StageParameters);

    /// <summary>The state dictionary in the reference's order, copied out; the alias <c>backbone.*</c> included
    /// (P-13).</summary>
    public IReadOnlyList<KeyValuePair<string, TensorRecord>> SaveState() =>
        [.. StateEntries.Select(e => KeyValuePair.Create(e.Name, e.Read()))];

    /// <summary>
    /// Loads a state dictionary by name: the reference's, ours, or one that <c>module.</c> wraps. Files may lack the
    /// alias; where it contradicts <c>encoder_q.0.*</c>, the latter wins with a warning (P-13).
    /// </summary>
    public virtual StateLoadReport LoadState(IReadOnlyDictionary<string, TensorRecord> state) =>
        StateLoading.Load(StateEntries, StateLoading.Unwrapped(state), []);

    /// <summary>Loads pretrained backbone weights, strictly (P-69). Before <see cref="Place"/>.</summary>
    /// <param name="state">The file's state dictionary.</param>
    /// <param name="source">The file's name, for messages.</param>
    public virtual StateLoadReport LoadBackbone(IReadOnlyDictionary<string, TensorRecord> state, string source) =>
        BackboneWeights.Load(Backbone, state, source);

    /// <summary>Lays out parameters and moves what is no module.</summary>
    private protected abstract void PlaceParts(PlacementSettings placement);

    /// <summary>
    /// The region for networks with <see cref="PlacementSettings.BFloat16"/>, else null. Correspondences and losses
    /// stay outside.
    /// </summary>
    private protected Autocast? Shorten() => Placement.BFloat16 ? new Autocast(Placement.Device.type) : null;

    /// <summary>Images in the layout of <see cref="PlacementSettings.ChannelsLast"/>; the caller's.</summary>
    private protected Tensor LayOut(Tensor images) =>
        Placement.ChannelsLast ? MemoryLayout.ChannelsLast(images) : images.contiguous();
}
