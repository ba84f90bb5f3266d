using Dense.Checkpoints;
using Dense.Torch;
using Dense.Torch.Flat;
using static TorchSharp.torch;

namespace Dense.Training.Detection.Solver;

/// <summary>
/// The optimiser in PyTorch's layout (E-70): <c>state</c> maps a parameter's number to its momentum, and
/// <c>param_groups</c> lists settings and numbers, consecutive over the groups.
/// </summary>
internal static class DetectionOptimizerState
{
    private const string ParametersKey = "params";

    public static CheckpointMap Save(DetectionOptimizer optimizer)
    {
        var state = new CheckpointMap();
        foreach (var (slot, momentum) in optimizer.MomentumBySlot())
        {
            using (momentum)
                state.Add((long)state.Count, new CheckpointMap { { "momentum_buffer", momentum.ToRecord() } });
        }

        var groups = new List<object?>();
        long first = 0;
        foreach (var (group, baseRate) in optimizer.Groups.Zip(optimizer.BaseRates))
        {
            groups.Add(GroupMap(group, baseRate, first));
            first += group.Names.Count;
        }

        return new CheckpointMap { { "state", state }, { "param_groups", groups } };
    }

    public static IReadOnlyList<double> Load(
        CheckpointMap saved, IReadOnlyList<double>? baseRates, DetectionOptimizer optimizer, string file)
    {
        CheckpointMap[] groups = [.. saved.GetList("param_groups").Cast<CheckpointMap>()];
        var entries = groups
            .SelectMany((g, i) => g.GetList(ParametersKey).Select(number => new Entry(number, i))).ToList();
        IReadOnlyList<string> order = OrderOf(groups, entries.Count, optimizer, file);
        var byName = order.Zip(entries).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);

        LoadMomentum(saved.GetMap("state"), byName, optimizer, file);
        return [.. optimizer.Groups.Select(own => LoadGroup(own, byName, groups, baseRates))];
    }

    // Current detectron2 and we merge parameters into groups and number them group by group; older versions give every
    // parameter its group, in the order of the state dictionary.
    private static IReadOnlyList<string> OrderOf(
        CheckpointMap[] groups, int count, DetectionOptimizer optimizer, string file)
    {
        int[] sizes = [.. groups.Select(g => g.GetList(ParametersKey).Count)];
        if (count == optimizer.Traversal.Count)
        {
            if (sizes.SequenceEqual(optimizer.Groups.Select(g => g.Names.Count)))
                return [.. optimizer.Groups.SelectMany(g => g.Names)];

            if (sizes.Length == 1 || sizes.All(s => s == 1))
                return optimizer.Traversal;
        }

        throw new CheckpointFormatException(file,
            $"its optimizer has {count} parameters in groups of {string.Join(", ", sizes.Take(4))}"
            + $"{(sizes.Length > 4 ? ", …" : "")}, this model has {optimizer.Traversal.Count} in groups of "
            + $"{string.Join(", ", optimizer.Groups.Select(g => g.Names.Count))}. Resume with the configuration of the "
            + "checkpoint (config.yaml beside it), or keep only weights and iteration with --reset-optimizer.");
    }

    // A parameter without an entry had no gradient yet: its momentum is zero.
    private static void LoadMomentum(
        CheckpointMap state, Dictionary<string, Entry> byName, DetectionOptimizer optimizer, string file)
    {
        foreach (var (slot, momentum) in optimizer.MomentumBySlot())
        {
            using Tensor target = momentum;
            if (!state.TryGet(byName[slot.Name].Number, out CheckpointMap? entry)
                || !entry.TryGet("momentum_buffer", out TensorRecord? record))
            {
                target.Fill(0);
                continue;
            }

            if (!record.Shape.SequenceEqual(slot.Shape))
            {
                throw new CheckpointFormatException(file,
                    $"the momentum of '{slot.Name}' has shape [{string.Join(", ", record.Shape)}], expected "
                    + $"[{string.Join(", ", slot.Shape)}]. The checkpoint is of another model, or its parameters are "
                    + "in another order; keep only weights and iteration with --reset-optimizer.");
            }

            record.CopyTo(target);
        }
    }

    private static double LoadGroup(
        SgdGroup own, Dictionary<string, Entry> byName, CheckpointMap[] groups, IReadOnlyList<double>? baseRates)
    {
        int index = byName[own.Names[0]].Group;
        CheckpointMap group = groups[index];
        own.LearningRate = group.GetDouble("lr");
        own.Momentum = group.GetDouble("momentum");
        own.WeightDecay = group.GetDouble("weight_decay");
        own.Nesterov = group.GetBool("nesterov");
        return baseRates?.Count == groups.Length ? baseRates[index]
            : group.ContainsKey("initial_lr") ? group.GetDouble("initial_lr")
            : own.LearningRate;
    }

    private static CheckpointMap GroupMap(SgdGroup group, double baseRate, long first) => new()
    {
        { "lr", group.LearningRate },
        { "momentum", group.Momentum },
        { "dampening", 0L },
        { "weight_decay", group.WeightDecay },
        { "nesterov", group.Nesterov },
        { "maximize", false },
        { "foreach", null },
        { "differentiable", false },
        { "initial_lr", baseRate },
        { ParametersKey, group.Names.Select((_, i) => (object?)(first + i)).ToList() },
    };

    private readonly record struct Entry(object? Number, int Group);
}
