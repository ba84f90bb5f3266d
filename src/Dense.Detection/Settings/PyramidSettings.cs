namespace Dense.Detection.Settings;

/// <summary>The feature pyramid (M-34 to M-40).</summary>
public sealed record PyramidSettings
{
    /// <summary>Bottom-up features, ascending (FPN.IN_FEATURES).</summary>
    public IReadOnlyList<string> InFeatures { get; init; } = [];

    /// <summary>Channels of every level (FPN.OUT_CHANNELS).</summary>
    public int OutChannels { get; init; } = 256;

    /// <summary>FPN.NORM.</summary>
    public DetectorNorm Norm { get; init; } = DetectorNorm.None;

    /// <summary>Whether the top-down sum is halved (FPN.FUSE_TYPE "avg").</summary>
    public bool Averages { get; init; }
}
