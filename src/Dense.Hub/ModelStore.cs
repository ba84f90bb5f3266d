namespace Dense.Hub;

/// <summary>A model that is in the cache and was verified.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Content">What was recorded of it.</param>
/// <param name="Downloaded">Whether it was fetched just now.</param>
public sealed record StoredModel(string Path, ContentRecord Content, bool Downloaded);

/// <summary>
/// Brings published models into the cache: mirrors in order, resumed downloads, content verified before a file gets its
/// name and compared with what was recorded at every later use.
/// </summary>
public sealed class ModelStore : IDisposable
{
    private readonly ModelCache _cache;
    private readonly DownloadLimits _limits;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;

    /// <summary>Opens a store on a cache.</summary>
    /// <param name="cache">Where files are kept.</param>
    /// <param name="limits">Null for the defaults.</param>
    /// <param name="time">Null for the system's clock.</param>
    public ModelStore(ModelCache cache, DownloadLimits? limits = null, TimeProvider? time = null)
    {
        _cache = cache;
        _limits = limits ?? new DownloadLimits();
        _time = time ?? TimeProvider.System;

        _client = RedirectingClient.CreateClient(_limits);
    }

    /// <summary>Verifies that a file holds a model's weights: throws <see cref="HubException"/>.</summary>
    internal Action<string, PublishedModel> Verify { get; init; } =
        (path, model) => BackboneWeights.Require(path, model.Depth);

    /// <summary>Free bytes where a file is.</summary>
    internal Func<string, long> FreeBytes { get; init; } =
        path => new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace;

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Makes sure that a model is in the cache and is what it should be.</summary>
    /// <param name="model">The model.</param>
    /// <param name="addresses">Where to fetch it from, in order: <see cref="Mirrors.For"/>.</param>
    /// <param name="progress">Told about the download; may be null.</param>
    /// <param name="cancellation">Stops it; what was received stays and is used by the next call.</param>
    /// <exception cref="HubException">No mirror delivered it, or the file in the cache is wrong.</exception>
    /// <exception cref="IOException">It cannot be stored.</exception>
    public async Task<StoredModel> PullAsync(
        PublishedModel model,
        IReadOnlyList<Uri> addresses,
        IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        Directory.CreateDirectory(_cache.Folder);
        string path = _cache.PathOf(model);
        await using FileStream guard = await FileLock.TakeAsync(path, _limits, _time, progress, cancellation);
        if (File.Exists(path))
            return new StoredModel(path, RequirePresent(path, model), Downloaded: false);

        ContentRecord content = await FetchAsync(path, model, addresses, progress, cancellation);
        return new StoredModel(path, content, Downloaded: true);
    }

    private ContentRecord RequirePresent(string path, PublishedModel model)
    {
        if (ContentRecord.Read(path) is { } known)
        {
            known.Require(path);
            return known;
        }

        Verify(path, model);
        return Record(path, source: null);
    }

    private async Task<ContentRecord> FetchAsync(
        string path,
        PublishedModel model,
        IReadOnlyList<Uri> addresses,
        IProgress<DownloadProgress>? progress,
        CancellationToken cancellation)
    {
        var part = new PartialFile(path);
        var download = new FileDownload(new RedirectingClient(_client, _limits), _limits, FreeBytes, _time, progress);
        var reasons = new List<string>();
        foreach (Uri address in addresses)
        {
            progress?.Report(DownloadProgress.Of(address.AbsoluteUri));
            try
            {
                string? promised = await download.FetchAsync(address, part, cancellation);
                RequireContent(part, model, promised);
                part.MoveTo(path);
                return Record(path, address.AbsoluteUri);
            }
            catch (MirrorException e)
            {
                if (part.Length == 0)
                    part.Delete();

                reasons.Add($"  {address}: {e.Message}");
            }
        }

        throw new HubException($"{model.Name}: no mirror delivered the file.\n{string.Join('\n', reasons)}\n" +
            $"Name another one with --mirror URL, or put the file there by hand: {path}");
    }

    private void RequireContent(PartialFile part, PublishedModel model, string? promised)
    {
        try
        {
            if (promised is not null && ContentRecord.Of(part.Path, null).Sha256 is var found && found != promised)
            {
                throw new HubException(
                    $"damaged content: the server promised SHA-256 {promised}, received was {found}");
            }

            Verify(part.Path, model);
        }
        catch (HubException e)
        {
            part.Delete();
            throw new MirrorException(e.Message, inner: e);
        }
    }

    private static ContentRecord Record(string path, string? source)
    {
        ContentRecord content = ContentRecord.Of(path, source);
        content.Write(path);
        return content;
    }
}
