using Dense.Checkpoints;
using Dense.Torch;
using Dense.Torch.Flat;

namespace Dense.Training.Checkpointing;

/// <summary>
/// The optimiser in the layout of PyTorch's checkpoints (P-123): <c>state</c> maps a parameter's number to its
/// momentum, <c>param_groups</c> lists settings and numbers. The key encoder's parameters are listed although nothing
/// updates them, because the numbers follow from the list (P-122).
/// </summary>
internal static class OptimizerState
{
    /// <summary>Writes the state.</summary>
    /// <param name="sgd">The optimiser.</param>
    /// <param name="names">All parameters of the method in its order, frozen ones included.</param>
    /// <param name="baseRates">The rate of each group at the start of the schedule.</param>
    public static CheckpointMap Save(FlatSgd sgd, IReadOnlyList<string> names, IReadOnlyList<double> baseRates)
    {
        var momenta = sgd.MomentumBySlot().ToDictionary(m => m.Slot.Name, m => m.Momentum);
        var state = new CheckpointMap();
        for (int i = 0; i < names.Count; i++)
        {
            if (momenta.TryGetValue(names[i], out var momentum))
                state.Add((long)i, new CheckpointMap { { "momentum_buffer", momentum.ToRecord() } });
        }

        foreach (var momentum in momenta.Values)
            momentum.Dispose();

        return new CheckpointMap { { "state", state }, { "param_groups", Groups(sgd, names, baseRates) } };
    }

    /// <summary>
    /// Restores momentum and the groups' rates. Parameters match by their position in the lists, not by the numbers
    /// written there: old PyTorch wrote arbitrary ones (P-123).
    /// </summary>
    /// <returns>The base rate that the file holds for each group.</returns>
    /// <exception cref="CheckpointFormatException">The file describes other parameters.</exception>
    public static IReadOnlyList<double> Load(CheckpointMap saved, FlatSgd sgd, IReadOnlyList<string> names, string file)
    {
        CheckpointMap[] groups = [.. saved.GetList("param_groups").Cast<CheckpointMap>()];
        object?[] numbers = [.. groups.SelectMany(g => g.GetList("params"))];
        if (numbers.Length != names.Count)
        {
            throw new CheckpointFormatException(file,
                $"the optimizer lists {numbers.Length} parameters, this model has {names.Count}. The checkpoint "
                + "is of another "
                + "model: use the configuration it was made with, or load only its weights (MODEL.PRETRAINED).");
        }

        CheckpointMap state = saved.GetMap("state");
        foreach (var (slot, momentum) in sgd.MomentumBySlot())
        {
            int position = IndexOf(names, slot.Name);
            if (state.TryGet(numbers[position], out CheckpointMap? entry))
                CopyMomentum(entry.GetTensor("momentum_buffer"), slot, momentum, file);

            momentum.Dispose();
        }

        return [.. sgd.Groups.Select(g => BaseRate(groups, IndexOf(names, g.Names[0])))];
    }

    // One group holds everything, as the reference writes it; paramwise settings make every parameter a group (P-113).
    private static List<object?> Groups(FlatSgd sgd, IReadOnlyList<string> names, IReadOnlyList<double> baseRates)
    {
        if (sgd.Groups.Count == 1)
            return [Group(sgd.Groups[0], baseRates[0], Enumerable.Range(0, names.Count))];

        var byName = sgd.Groups.SelectMany((g, i) => g.Names.Select(n => (Name: n, Index: i)))
            .ToDictionary(p => p.Name, p => p.Index);
        return [.. names.Select((name, i) =>
        {
            int index = byName.GetValueOrDefault(name, 0);
            return (object?)Group(sgd.Groups[index], baseRates[index], [i]);
        })];
    }

    private static CheckpointMap Group(SgdGroup group, double baseRate, IEnumerable<int> numbers) => new()
    {
        { "lr", group.LearningRate },
        { "momentum", group.Momentum },
        { "dampening", 0L },
        { "weight_decay", group.WeightDecay },
        { "nesterov", group.Nesterov },
        { "initial_lr", baseRate },
        { "params", numbers.Select(n => (object?)(long)n).ToList() },
    };

    private static double BaseRate(CheckpointMap[] groups, int position)
    {
        int seen = 0;
        CheckpointMap group = groups.First(g => (seen += g.GetList("params").Count) > position);
        return group.ContainsKey("initial_lr") ? group.GetDouble("initial_lr") : group.GetDouble("lr");
    }

    private static void CopyMomentum(TensorRecord saved, FlatSlot slot, TorchSharp.torch.Tensor momentum, string file)
    {
        if (!saved.Shape.SequenceEqual(slot.Shape))
        {
            throw new CheckpointFormatException(file,
                $"the momentum of '{slot.Name}' has shape [{string.Join(", ", saved.Shape)}], expected "
                + $"[{string.Join(", ", slot.Shape)}]. The checkpoint is of another model.");
        }

        saved.CopyTo(momentum);
    }

    private static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] == name)
                return i;
        }

        throw new ArgumentException($"'{name}' is no parameter of the method.", nameof(name));
    }
}
