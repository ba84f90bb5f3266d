namespace Dense.Hub;

/// <summary>Speed and remaining time of one attempt.</summary>
internal sealed class TransferRate(TimeProvider time, long start, long? total)
{
    private readonly long _began = time.GetTimestamp();

    /// <summary>The progress when <paramref name="received"/> bytes of the file are here.</summary>
    public DownloadProgress At(long received)
    {
        double seconds = time.GetElapsedTime(_began).TotalSeconds;
        double rate = seconds > 0 ? (received - start) / seconds : 0;
        return new DownloadProgress(
            received, total, rate, total is { } t && rate > 0 ? TimeSpan.FromSeconds((t - received) / rate) : null);
    }
}
