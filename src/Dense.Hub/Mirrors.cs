namespace Dense.Hub;

/// <summary>
/// Where to look for a model, in this order: mirrors named by the caller, those in the environment variable
/// <c>DENSECL_MIRRORS</c> (separated by spaces), those in <c>mirrors.txt</c> in the cache folder (one a line, <c>#</c>
/// begins a comment), those of the catalogue.
/// </summary>
public static class Mirrors
{
    /// <summary>The environment variable.</summary>
    public const string Variable = "DENSECL_MIRRORS";

    /// <summary>The file in the cache folder.</summary>
    public const string FileName = "mirrors.txt";

    /// <summary>The addresses of a model, without repetition.</summary>
    /// <param name="model">The model.</param>
    /// <param name="named">Mirrors that the caller named.</param>
    /// <param name="variable">Value of <see cref="Variable"/>.</param>
    /// <param name="cacheFolder">Where <see cref="FileName"/> may be.</param>
    /// <exception cref="HubException">One of them is no web address.</exception>
    public static IReadOnlyList<Uri> For(
        PublishedModel model, IReadOnlyList<string> named, string? variable, string cacheFolder)
    {
        string[] inVariable = (variable ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> mirrors = named.Concat(inVariable).Concat(InFile(cacheFolder)).Concat(model.Mirrors);
        return [.. mirrors.Select(model.AddressAt).Distinct()];
    }

    private static IEnumerable<string> InFile(string cacheFolder)
    {
        string path = Path.Combine(cacheFolder, FileName);
        return !File.Exists(path)
            ? []
            : File.ReadLines(path).Select(l => l.Split('#')[0].Trim()).Where(l => l.Length > 0);
    }
}
