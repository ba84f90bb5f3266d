namespace Dense.Hub;

/// <summary>
/// The folder in which detectron2 keeps what it downloads, and we too, so that a file is fetched once or put there by
/// hand: <c>FOLDER/detectron2/ImageNetPretrained/MSRA/R-50.pkl</c> (E-40).
/// </summary>
/// <param name="folder">Its path.</param>
public sealed class WeightsCache(string folder)
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "FVCORE_CACHE";

    /// <summary>The folder.</summary>
    public string Folder { get; } = Path.GetFullPath(folder);

    /// <summary>
    /// The folder to use when none is named: <c>FVCORE_CACHE</c>, else <c>~/.torch/iopath_cache</c>; below the
    /// system's temporary folder when that cannot be written.
    /// </summary>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="warn">Told when the temporary folder is used.</param>
    public static WeightsCache Default(Func<string, string?> environment, Action<string> warn)
    {
        string wanted = environment(Variable) is { Length: > 0 } named
            ? named
            : Path.Combine(
                environment("HOME") is { Length: > 0 } home ? home : Path.GetTempPath(), ".torch", "iopath_cache");
        try
        {
            Directory.CreateDirectory(wanted);
            string probe = Path.Combine(wanted, $".{Guid.NewGuid():N}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
            return new WeightsCache(wanted);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string other = Path.Combine(Path.GetTempPath(), "iopath_cache");
            warn($"{wanted}: cannot be written ({e.Message}); downloads go to {other}. Name a folder with {Variable}.");
            return new WeightsCache(other);
        }
    }

    /// <summary>Where the file of an address is or would be: host and query do not count.</summary>
    /// <exception cref="HubException">The address names no file, or leaves the folder.</exception>
    public string PathOf(Uri address)
    {
        string[] parts =
        [
            .. address.OriginalString.Split("://", 2)[^1].Split('?', '#')[0].Split('/')[1..]
                .Where(part => part.Length > 0).Select(Uri.UnescapeDataString),
        ];
        if (parts.Length == 0 || parts.Any(part => part is "." or ".." || part.AsSpan().ContainsAny('/', '\\', '\0')))
            throw new HubException($"{address.OriginalString}: expected an address that names a file.");

        return Path.Combine([Folder, .. parts]);
    }
}
