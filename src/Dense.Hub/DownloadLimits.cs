namespace Dense.Hub;

/// <summary>How patient a download is.</summary>
public sealed record DownloadLimits
{
    /// <summary>Longest wait for a connection and for the beginning of an answer.</summary>
    public TimeSpan Response { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time without a single byte before the connection is given up and opened again.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Failures in a row, without a byte in between, after which a mirror is given up.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Pause before the second attempt; it doubles each time, up to <see cref="LongestDelay"/>.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause, also where the server asks for a longer one.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Largest file that is accepted, in bytes; the largest published model has about 180 MB.</summary>
    public long LargestFile { get; init; } = 2L << 30;

    /// <summary>Redirections that are followed.</summary>
    public int Redirects { get; init; } = 8;

    /// <summary>How long to wait for another process that downloads the same file.</summary>
    public TimeSpan Lock { get; init; } = TimeSpan.FromHours(1);
}
