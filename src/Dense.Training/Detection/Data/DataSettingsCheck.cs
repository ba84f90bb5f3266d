namespace Dense.Training.Detection.Data;

/// <summary>
/// Holds settings against what they may be; a configuration is checked before, so this is for callers.
/// </summary>
internal static class DataSettingsCheck
{
    /// <summary>Throws for settings that make no sense.</summary>
    /// <exception cref="ArgumentException">Names the setting.</exception>
    public static void Require(DetectionDataSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(settings.Seed);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.NumWorkers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.BatchSizePerProcess);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.SizeBuckets);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.WorldSize);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.Rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(settings.Rank, settings.WorldSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.MaxSizeTrain);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.MaxSizeTest);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.MinSizeTest);

        IReadOnlyList<int> sizes = settings.MinSizeTrain;
        bool isRange = settings.Sampling == SizeSampling.Range;
        if (sizes.Count == 0 || sizes.Any(s => s < 0) || (isRange && (sizes.Count != 2 || sizes[0] > sizes[1])))
        {
            throw new ArgumentException(
                $"INPUT.MIN_SIZE_TRAIN is ({string.Join(", ", sizes)}), expected " +
                (isRange ? "two sizes, the smaller one first." : "sizes of 0 or more, at least one."),
                nameof(settings));
        }
    }
}
