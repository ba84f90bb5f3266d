namespace Dense.Training.Settings;

/// <summary>What to do with an image that cannot be decoded (P-78).</summary>
public enum CorruptImagePolicy
{
    /// <summary>Stop, naming the file.</summary>
    Fail,

    /// <summary>Take another image, count and log it, and stop when there are too many.</summary>
    Skip,
}
