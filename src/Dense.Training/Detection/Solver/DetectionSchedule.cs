using Dense.Training.Detection.Settings;

namespace Dense.Training.Detection.Solver;

/// <summary>
/// The factor on every group's base rate as a function of the step alone, in the reference's order of operations, so
/// that
/// rates agree to the last digit (E-82).
/// </summary>
/// <remarks>
/// With x = t / N, ε = 1e-6 and L = min(W / N, 1): beyond L the factor is step(x); before it, u·step(L) + (1 −
/// u)·f·step(0)
/// with u = x / L.
/// </remarks>
/// <param name="settings">SOLVER.</param>
public sealed class DetectionSchedule(DetectionSolverSettings settings)
{
    private const double Epsilon = 1e-6;

    // Whole numbers, but every quotient below is one of doubles.
    private readonly double _iterations = settings.MaxIterations;

    /// <summary>The factor of a step.</summary>
    /// <param name="completed">Steps done before it: t, 0 for the first one.</param>
    public double Factor(long completed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(completed);

        double x = completed / _iterations;
        double end = Math.Min(settings.WarmupIterations / _iterations, 1);
        if (x + Epsilon > end)
            return Regular(settings.RescaleInterval ? (x - end) / (1 - end) : x);

        double start = settings.WarmupFactor * Regular(0);
        if (settings.WarmupMethod == WarmupMethod.Constant)
            return start;

        double share = x / end;
        return Regular(settings.RescaleInterval ? 0 : end) * share + start * (1 - share);
    }

    private double Regular(double x) => settings.Schedule switch
    {
        LearningRateSchedule.Cosine => Cosine(x, settings.EndRate / settings.BaseRate),
        LearningRateSchedule.FixedSteps =>
            Math.Pow(settings.Gamma, Math.Floor((x + Epsilon) * (settings.NumDecays + 1))),
        _ => Math.Pow(settings.Gamma, StepsUntil(Math.Floor((x + Epsilon) * _iterations))),
    };

    private int StepsUntil(double iteration) => settings.Steps.Count(s => s <= iteration);

    private static double Cosine(double x, double end) => end + 0.5 * (1 - end) * (1 + Math.Cos(Math.PI * x));
}
