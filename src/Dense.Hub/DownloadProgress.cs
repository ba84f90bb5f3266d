namespace Dense.Hub;

/// <summary>How far a download is.</summary>
/// <param name="Received">Bytes on disk, those of earlier attempts included.</param>
/// <param name="Total">Bytes of the whole file, if the server said so.</param>
/// <param name="BytesPerSecond">Mean speed of this attempt.</param>
/// <param name="Remaining">Estimated time that is left, if it can be told.</param>
/// <param name="Event">Something worth a line of its own, such as a retry; otherwise null.</param>
public sealed record DownloadProgress(
    long Received, long? Total, double BytesPerSecond, TimeSpan? Remaining, string? Event = null)
{
    /// <summary>A report of an event.</summary>
    internal static DownloadProgress Of(string happened) => new(0, null, 0, null, happened);
}
