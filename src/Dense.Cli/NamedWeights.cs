using Dense.Hub;

namespace Dense.Cli;

/// <summary>Weight files by the names that detectron2 knows: paths, <c>detectron2://…</c>, <c>https://…</c> (E-39).
/// </summary>
internal static class NamedWeights
{
    /// <summary>The local file behind a name; one that is not in the cache is downloaded, shown on stderr.</summary>
    /// <exception cref="HubException">The name is unknown, or the server did not deliver the file.</exception>
    /// <exception cref="IOException">It cannot be stored.</exception>
    public static string Fetch(string name)
    {
        WeightsCache cache = WeightsCache.Default(
            Environment.GetEnvironmentVariable, message => Console.Error.WriteLine($"warning: {message}"));
        using var store = new WeightsStore(cache);
        var report = new DownloadReport(Console.Error, !Console.IsErrorRedirected);
        try
        {
            return store.FetchAsync(name, report).GetAwaiter().GetResult();
        }
        finally
        {
            report.End();
        }
    }
}
