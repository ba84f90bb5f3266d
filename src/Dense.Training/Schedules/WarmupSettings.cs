namespace Dense.Training.Schedules;

/// <summary>The warm-up of the learning rate (P-127). No published configuration of this family uses one.</summary>
public sealed record WarmupSettings
{
    /// <summary>The shape.</summary>
    public WarmupPolicy Policy { get; init; } = WarmupPolicy.None;

    /// <summary>The length in iterations, or in epochs with <see cref="ByEpoch"/>; at least 0.</summary>
    public int Length { get; init; }

    /// <summary>Whether <see cref="Length"/> counts epochs.</summary>
    public bool ByEpoch { get; init; }

    /// <summary>The share of the regular rate at the start (ρ), more than 0, at most 1.</summary>
    public double Ratio { get; init; } = 0.1;
}
