namespace Dense.Training.Logging;

/// <summary>Durations as log readers expect them (P-137, E-35): <c>0:01:06</c>, <c>1 day, 13:15:24</c>.</summary>
public static class DurationText
{
    /// <summary>Whole seconds, the fraction cut off; negative durations count as zero.</summary>
    public static string Of(TimeSpan duration)
    {
        if (duration < TimeSpan.Zero)
            duration = TimeSpan.Zero;

        string clock = $"{duration.Hours}:{duration.Minutes:D2}:{duration.Seconds:D2}";
        return duration.Days switch
        {
            0 => clock,
            1 => $"1 day, {clock}",
            int days => $"{days} days, {clock}",
        };
    }
}
