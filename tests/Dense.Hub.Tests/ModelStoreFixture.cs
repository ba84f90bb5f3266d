using System.Collections.Concurrent;

namespace Dense.Hub.Tests;

/// <summary>A store in a folder of its own, and a model to pull into it from servers on this machine.</summary>
public abstract class ModelStoreFixture : IDisposable
{
    private readonly TempFolder _folder = new();

    private protected ModelStoreFixture() => Cache = new ModelCache(_folder.Path);

    private protected static byte[] Content { get; } =
        [.. "PK"u8, .. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31 >> 3))];

    private protected static PublishedModel Model { get; } = new("m", "m.pth", 50, "images", 1, []);

    private protected static DownloadLimits Limits => new() { FirstDelay = TimeSpan.Zero, Attempts = 3 };

    private protected ModelCache Cache { get; }

    private protected ConcurrentQueue<DownloadProgress> Progress { get; } = new();

    private protected string Target => Cache.PathOf(Model);

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected Task<StoredModel> Pull(params string[] mirrors) => Pull(Limits, null, mirrors);

    private protected async Task<StoredModel> Pull(
        DownloadLimits limits, Func<string, long>? freeBytes, params string[] mirrors)
    {
        using ModelStore store = Store(limits, freeBytes);
        return await store.PullAsync(
            Model, Mirrors.For(Model, mirrors, variable: null, Cache.Folder), new Recorder(Progress.Enqueue),
            TestContext.Current.CancellationToken);
    }

    private protected ModelStore Store(DownloadLimits limits, Func<string, long>? freeBytes) => new(Cache, limits)
    {
        Verify = (path, _) =>
        {
            if (File.ReadAllBytes(path)[0] != 'P')
                throw new HubException("not a model");
        },
        FreeBytes = freeBytes ?? (_ => long.MaxValue),
    };

    private protected string[] Files() =>
        [.. Directory.GetFiles(Cache.Folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private protected sealed class Recorder(Action<DownloadProgress> report) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => report(value);
    }
}
