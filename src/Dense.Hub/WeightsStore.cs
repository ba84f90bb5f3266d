namespace Dense.Hub;

/// <summary>Turns the names of weights into local files: downloads what is not in the cache (E-39, E-40).</summary>
/// <param name="cache">Where downloads are kept.</param>
/// <param name="limits">Null for the defaults.</param>
/// <param name="time">Null for the system's clock.</param>
public sealed class WeightsStore(WeightsCache cache, DownloadLimits? limits = null, TimeProvider? time = null)
    : IDisposable
{
    private readonly DownloadLimits _limits = limits ?? new DownloadLimits();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly HttpClient _client = RedirectingClient.CreateClient(limits ?? new DownloadLimits());

    /// <summary>Free bytes where a file is.</summary>
    internal Func<string, long> FreeBytes { get; init; } =
        path => new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace;

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>The local file behind a name.</summary>
    /// <param name="name">A path (<c>~</c> is home) or what <see cref="WeightsAddress"/> knows.</param>
    /// <param name="progress">Told about the download; may be null.</param>
    /// <param name="cancellation">Stops it; what was received stays and is used by the next call.</param>
    /// <exception cref="HubException">The name is unknown, or the server did not deliver the file.</exception>
    /// <exception cref="IOException">It cannot be stored.</exception>
    public async Task<string> FetchAsync(
        string name, IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (WeightsAddress.Find(name) is not { } address)
            return LocalPath(name);

        string path = cache.PathOf(address);
        if (File.Exists(path))
            return path;

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using FileStream guard = await FileLock.TakeAsync(path, _limits, _time, progress, cancellation);
        if (!File.Exists(path))
            await DownloadAsync(address, path, progress, cancellation);

        return path;
    }

    private async Task DownloadAsync(
        Uri address, string path, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        var part = new PartialFile(path);
        var download = new FileDownload(new RedirectingClient(_client, _limits), _limits, FreeBytes, _time, progress);
        progress?.Report(DownloadProgress.Of(address.AbsoluteUri));
        try
        {
            await download.FetchAsync(address, part, cancellation);
        }
        catch (MirrorException e)
        {
            if (part.Length == 0)
                part.Delete();

            throw new HubException($"{address}: {e.Message}. Put the file there by hand: {path}", e);
        }

        part.MoveTo(path);
    }

    private static string LocalPath(string name) =>
        name == "~" || name.StartsWith("~/", StringComparison.Ordinal)
            ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + name[1..]
            : name;
}
