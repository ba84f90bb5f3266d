namespace Dense.Training.Schedules;

/// <summary>
/// The learning rate of every iteration of a run, as a function of the iteration alone: a resumed run needs no state.
/// </summary>
/// <param name="settings">How the rate changes.</param>
/// <param name="epochs">The length of the run (E), at least 1.</param>
/// <param name="iterationsPerEpoch">Iterations of one epoch, at least 1.</param>
public sealed class LearningRateSchedule(ScheduleSettings settings, int epochs, int iterationsPerEpoch)
{
    private readonly int _epochs = AtLeastOne(epochs);
    private readonly int _iterationsPerEpoch = AtLeastOne(iterationsPerEpoch);

    /// <summary>The number of warm-up iterations; 0 without warm-up.</summary>
    public long WarmupIterations => settings.Warmup switch
    {
        { Policy: WarmupPolicy.None } => 0,
        { ByEpoch: true, Length: var warmupEpochs } => (long)warmupEpochs * _iterationsPerEpoch,
        { Length: var iterations } => iterations,
    };

    /// <summary>The rate to set before an iteration.</summary>
    /// <param name="baseRate">The rate that the schedule scales: the configured one, or a parameter group's
    /// own.</param>
    /// <param name="iteration">The iteration, counted over the whole run from 0.</param>
    public double Rate(double baseRate, long iteration)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(iteration);

        double regular = Regular(baseRate, iteration);
        long warmup = WarmupIterations;
        return iteration < warmup ? regular * WarmupFactor((double)iteration / warmup) : regular;
    }

    private double Regular(double baseRate, long iteration)
    {
        long now = settings.ByEpoch ? iteration / _iterationsPerEpoch : iteration;
        return settings.Policy switch
        {
            SchedulePolicy.Cosine => Cosine(baseRate, now),
            SchedulePolicy.Step => baseRate * Math.Pow(settings.Gamma, settings.Milestones.Count(m => m <= now)),
            _ => baseRate,
        };
    }

    // P-126: min + ½ (base − min)(1 + cos(π t / T)), t and T in epochs or iterations.
    private double Cosine(double baseRate, long now)
    {
        double minimum = settings.MinimumRatio is { } ratio ? ratio * baseRate : settings.MinimumRate ?? 0;
        double total = settings.ByEpoch ? _epochs : (double)_epochs * _iterationsPerEpoch;
        return minimum + 0.5 * (baseRate - minimum) * (1 + Math.Cos(Math.PI * now / total));
    }

    // P-127, with the share of the warm-up that is done.
    private double WarmupFactor(double done)
    {
        double ratio = settings.Warmup.Ratio;
        return settings.Warmup.Policy switch
        {
            WarmupPolicy.Constant => ratio,
            WarmupPolicy.Linear => 1 - (1 - done) * (1 - ratio),
            WarmupPolicy.Exponential => Math.Pow(ratio, 1 - done),
            _ => 1,
        };
    }

    private static int AtLeastOne(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
        return value;
    }
}
