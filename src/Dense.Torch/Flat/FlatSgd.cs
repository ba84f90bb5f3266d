using Dense.Torch.Operators;
using static TorchSharp.torch;

namespace Dense.Torch.Flat;

/// <summary>
/// SGD with momentum (P-112) over <see cref="FlatParameters"/>: one fused pass per group, over the runs of neighbouring
/// parameters that the group owns. Frozen parameters are not touched.
/// </summary>
public sealed class FlatSgd : IDisposable
{
    private readonly FlatParameters _parameters;
    private readonly List<Runs> _runs;

    /// <summary>Creates the optimiser with empty momentum.</summary>
    /// <param name="parameters">What to update; stays the caller's.</param>
    /// <param name="groups">Together they name each trainable parameter exactly once.</param>
    /// <exception cref="ArgumentException">A parameter is missing, frozen, unknown or named twice.</exception>
    public FlatSgd(FlatParameters parameters, IReadOnlyList<SgdGroup> groups)
    {
        string[] named = [.. groups.SelectMany(g => g.Names)];
        string[] trainable = [.. parameters.Slots.Where(s => s.Trainable).Select(s => s.Name)];
        string[] wrong = [.. trainable.Except(named), .. named.Except(trainable)];
        if (wrong.Length > 0 || named.Length != trainable.Length)
        {
            throw new ArgumentException(
                $"The groups must name each of the {trainable.Length} trainable parameters once; they hold "
                + $"{named.Length} names. First that does not fit: {wrong.FirstOrDefault() ?? "a name given twice"}.",
                nameof(groups));
        }

        _parameters = parameters;
        Groups = groups;
        Momentum = parameters.NewBuffer().DetachFromDisposeScope();
        _runs = [.. groups.Select(MakeRuns)];
    }

    /// <summary>The groups in the order given.</summary>
    public IReadOnlyList<SgdGroup> Groups { get; }

    /// <summary>The momentum buffers, laid out as the parameters are.</summary>
    public Tensor Momentum { get; }

    /// <summary>The trainable slots in the order of the parameters, each with a view of its momentum for
    /// checkpoints.</summary>
    public IEnumerable<(FlatSlot Slot, Tensor Momentum)> MomentumBySlot() =>
        _parameters.Slots.Where(s => s.Trainable).Select(s => (s, _parameters.View(Momentum, s)));

    /// <summary>Applies the gradients.</summary>
    public void Step()
    {
        foreach (var (group, runs) in Groups.Zip(_runs))
        {
            FusedUpdate.Sgd(
                runs.Values, runs.Gradients, group.Momentum == 0 ? [] : runs.Momenta, group.LearningRate,
                group.WeightDecay, group.Momentum, group.Nesterov);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor view in _runs.SelectMany(r => (Tensor[])[.. r.Values, .. r.Gradients, .. r.Momenta]))
            view.Dispose();
        Momentum.Dispose();
    }

    private Runs MakeRuns(SgdGroup group)
    {
        var own = group.Names.ToHashSet(StringComparer.Ordinal);
        var bounds = new List<(long Start, long End)>();
        bool previousIsOwn = false;
        foreach (FlatSlot slot in _parameters.Slots)
        {
            bool isOwn = own.Contains(slot.Name);
            if (isOwn)
            {
                long end = slot.Offset + slot.Length;
                if (previousIsOwn)
                    bounds[^1] = (bounds[^1].Start, end);
                else
                    bounds.Add((slot.Offset, end));
            }

            previousIsOwn = isOwn;
        }

        Tensor[] Cut(Tensor buffer) =>
            [.. bounds.Select(b => buffer.narrow(0, b.Start, b.End - b.Start).DetachFromDisposeScope())];
        return new Runs(Cut(_parameters.Values), Cut(_parameters.Gradients), Cut(Momentum));
    }

    private sealed record Runs(Tensor[] Values, Tensor[] Gradients, Tensor[] Momenta);
}
