namespace Dense.Training.Schedules;

/// <summary>The learning rate over a run (P-124 to P-127). The defaults are DenseCL's.</summary>
public sealed record ScheduleSettings
{
    /// <summary>How the rate changes.</summary>
    public SchedulePolicy Policy { get; init; } = SchedulePolicy.Cosine;

    /// <summary>Whether the rate changes at epochs only (P-124); else before each iteration.</summary>
    public bool ByEpoch { get; init; } = true;

    /// <summary>The lowest rate of the cosine; null when <see cref="MinimumRatio"/> gives it.</summary>
    public double? MinimumRate { get; init; } = 0;

    /// <summary>
    /// The lowest rate of the cosine as a share of the base rate; null when <see cref="MinimumRate"/> gives it.
    /// </summary>
    public double? MinimumRatio { get; init; }

    /// <summary>Where steps happen, rising: epochs from 0, or iterations without <see cref="ByEpoch"/>.</summary>
    public IReadOnlyList<int> Milestones { get; init; } = [];

    /// <summary>The factor of each step (γ).</summary>
    public double Gamma { get; init; } = 0.1;

    /// <summary>The rise at the start.</summary>
    public WarmupSettings Warmup { get; init; } = new();
}
