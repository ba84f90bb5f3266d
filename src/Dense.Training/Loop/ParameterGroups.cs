using Dense.Torch;
using Dense.Torch.Flat;
using Dense.Training.Settings;

namespace Dense.Training.Loop;

/// <summary>Sorts trainable parameters into optimiser groups by the configuration's expressions (P-113).</summary>
internal static class ParameterGroups
{
    /// <summary>
    /// Parameters with equal settings share a group. Where several expressions match a name, all apply, in their order.
    /// </summary>
    /// <param name="parameters">All parameters of the method; frozen ones are left out.</param>
    /// <param name="settings">The solver section.</param>
    /// <param name="baseRate">The rate before any expression.</param>
    public static IReadOnlyList<SgdGroup> Create(
        IEnumerable<NamedParameter> parameters, SolverSettings settings, double baseRate) =>
        [.. parameters.Where(p => p.Trainable)
            .GroupBy(p => OptionsOf(p.Name, settings, baseRate), p => p.Name)
            .Select(g => new SgdGroup
            {
                Names = [.. g],
                LearningRate = g.Key.Rate,
                Momentum = g.Key.Momentum,
                WeightDecay = g.Key.WeightDecay,
                Nesterov = settings.Nesterov,
            })];

    private static Options OptionsOf(string name, SolverSettings settings, double baseRate)
    {
        var options = new Options(baseRate, settings.Momentum, settings.WeightDecay);
        foreach (ParameterRule rule in settings.ParameterRules.Where(r => r.Matches(name)))
        {
            options = rule.Option switch
            {
                ParameterOption.Rate => options with { Rate = rule.Value },
                ParameterOption.RateFactor => options with { Rate = baseRate * rule.Value },
                ParameterOption.Momentum => options with { Momentum = rule.Value },
                ParameterOption.MomentumFactor => options with { Momentum = settings.Momentum * rule.Value },
                ParameterOption.WeightDecay => options with { WeightDecay = rule.Value },
                _ => options with { WeightDecay = settings.WeightDecay * rule.Value },
            };
        }

        return options;
    }

    private readonly record struct Options(double Rate, double Momentum, double WeightDecay);
}
