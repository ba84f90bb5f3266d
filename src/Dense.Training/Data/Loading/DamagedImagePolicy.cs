namespace Dense.Training.Data.Loading;

/// <summary>What happens when an image cannot be read or decoded (P-78, R10).</summary>
public enum DamagedImagePolicy
{
    /// <summary>The run stops with the image's name.</summary>
    Fail,

    /// <summary>
    /// The next readable image of the source takes its place; the run stops when too many images are damaged.
    /// </summary>
    Skip,
}
