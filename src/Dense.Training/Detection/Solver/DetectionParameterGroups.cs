using Dense.Detection;
using Dense.Torch.Flat;
using Dense.Training.Detection.Settings;

namespace Dense.Training.Detection.Solver;

/// <summary>Sorts parameters into optimiser groups by detectron2's rules (E-80, E-81).</summary>
public static class DetectionParameterGroups
{
    /// <summary>Parameters with equal settings share a group; groups appear in the order of their first
    /// parameter.</summary>
    /// <param name="parameters">The trainable ones, in the order of the state dictionary (E-79).</param>
    /// <param name="settings">SOLVER.</param>
    public static IReadOnlyList<SgdGroup> Create(
        IEnumerable<DetectorEntry> parameters, DetectionSolverSettings settings) =>
        [.. parameters
            .GroupBy(p => (Rate: RateOf(p, settings), Decay: DecayOf(p, settings)), p => p.Name)
            .Select(g => new SgdGroup
            {
                Names = [.. g],
                LearningRate = g.Key.Rate,
                WeightDecay = g.Key.Decay,
                Momentum = settings.Momentum,
                Nesterov = settings.Nesterov,
            })];

    private static double RateOf(DetectorEntry parameter, DetectionSolverSettings settings) =>
        parameter.IsBias ? settings.BaseRate * settings.BiasRateFactor : settings.BaseRate;

    // The rule for biases comes last: it also holds for those of normalisation layers.
    private static double DecayOf(DetectorEntry parameter, DetectionSolverSettings settings) =>
        parameter.IsBias && settings.WeightDecayBias is { } bias ? bias
        : parameter.IsNorm && settings.WeightDecayNorm is { } norm ? norm
        : settings.WeightDecay;
}
