using Dense.Configuration;

namespace Dense.Training.Detection.Solver;

/// <summary>
/// The factor on every group's base rate as a function of the step alone, in the reference's order of operations, so that
/// rates agree to the last digit (E-82).
/// </summary>
/// <remarks>
/// With x = t / N, ε = 1e-6 and L = min(W / N, 1): beyond L the factor is step(x); before it, u·step(L) + (1 − u)·f·step(0)
/// with u = x / L.
/// </remarks>
public sealed class DetectionSchedule
{
    private const double Epsilon = 1e-6;
    private readonly DetectionScheduleSettings _settings;
    private readonly long[] _steps;

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ConfigurationException">They make no schedule; names all that is wrong.</exception>
    public DetectionSchedule(DetectionScheduleSettings settings)
    {
        Problem[] problems = [.. Problems(settings)];
        if (problems.Length > 0)
            throw new ConfigurationException(problems);

        _settings = settings;
        _steps = [.. settings.Steps.Where(s => s <= settings.MaxIterations)];
    }

    /// <summary>Steps beyond the end of the training, which never happen.</summary>
    public IReadOnlyList<long> IgnoredSteps => [.. _settings.Steps.Except(_steps)];

    /// <summary>The factor of a step.</summary>
    /// <param name="completed">Steps done before it: t, 0 for the first one.</param>
    public double Factor(long completed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(completed);

        double x = (double)completed / _settings.MaxIterations;
        double end = Math.Min((double)_settings.WarmupIterations / _settings.MaxIterations, 1);
        if (x + Epsilon > end)
            return _settings.RescaleInterval ? Regular((x - end) / (1 - end)) : Regular(x);

        double start = _settings.WarmupFactor * Regular(0);
        if (_settings.Warmup == WarmupShape.Constant)
            return start;

        double share = x / end;
        return Regular(_settings.RescaleInterval ? 0 : end) * share + start * (1 - share);
    }

    private double Regular(double x) => _settings.Kind switch
    {
        DetectionScheduleKind.Cosine =>
            _settings.EndRatio + 0.5 * (1 - _settings.EndRatio) * (1 + Math.Cos(Math.PI * x)),
        DetectionScheduleKind.EqualSteps =>
            Math.Pow(_settings.Gamma, Math.Floor((x + Epsilon) * (_settings.NumDecays + 1))),
        _ => Math.Pow(_settings.Gamma, StepsUntil(Math.Floor((x + Epsilon) * _settings.MaxIterations))),
    };

    private int StepsUntil(double iteration) => _steps.Count(s => s <= iteration);

    private static IEnumerable<Problem> Problems(DetectionScheduleSettings s)
    {
        if (s.MaxIterations < 1)
            yield return Wrong("MAX_ITER", $"expected 1 or more, found {s.MaxIterations}.");

        if (s.WarmupIterations < 0)
            yield return Wrong("WARMUP_ITERS", $"expected 0 or more, found {s.WarmupIterations}.");

        if (s.Kind == DetectionScheduleKind.Cosine && s.EndRatio is not (>= 0 and <= 1))
        {
            yield return Wrong(
                "BASE_LR_END", $"expected 0 to BASE_LR, found {s.EndRatio} times BASE_LR.");
        }

        if (s.Kind != DetectionScheduleKind.MultiStep)
            yield break;

        long[] steps = [.. s.Steps.Where(step => step <= s.MaxIterations)];
        bool rising = steps.Zip(steps.Skip(1)).All(pair => pair.First < pair.Second);
        if (!rising || steps.Any(step => step >= s.MaxIterations || step < 1) || steps.Length + 1 > s.MaxIterations)
        {
            yield return Wrong("STEPS", $"expected rising iterations from 1 to {s.MaxIterations - 1} (MAX_ITER is "
                + $"{s.MaxIterations}), found ({string.Join(", ", s.Steps)}).");
        }
    }

    private static Problem Wrong(string key, string message) => new("SOLVER." + key, Origin.Default, message);
}
