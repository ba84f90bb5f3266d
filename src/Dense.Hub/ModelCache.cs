namespace Dense.Hub;

/// <summary>Whether a model is in the cache.</summary>
public enum CacheState
{
    /// <summary>No file.</summary>
    Absent,

    /// <summary>A download that was interrupted and can go on.</summary>
    Partial,

    /// <summary>A file that was put there by hand and is verified at its first use.</summary>
    Unverified,

    /// <summary>A file that was verified; its content is recorded.</summary>
    Verified,
}

/// <summary>The folder that holds downloaded models. A user may put files there by hand.</summary>
public sealed class ModelCache
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "DENSECL_CACHE";

    /// <summary>Opens a cache. The folder is created when something is downloaded.</summary>
    /// <param name="folder">Its path.</param>
    public ModelCache(string folder) => Folder = Path.GetFullPath(folder);

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>
    /// The folder to use when none is named: <c>DENSECL_CACHE</c>, else <c>densecl/models</c> below
    /// <c>XDG_CACHE_HOME</c>, else below <c>~/.cache</c>.
    /// </summary>
    /// <param name="environment">Reads an environment variable.</param>
    public static string DefaultFolder(Func<string, string?> environment)
    {
        if (environment(Variable) is { Length: > 0 } named)
            return named;

        string caches = environment("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathRooted(xdg)
            ? xdg
            : Path.Combine(environment("HOME") is { Length: > 0 } home ? home : Path.GetTempPath(), ".cache");
        return Path.Combine(caches, "densecl", "models");
    }

    /// <summary>Where a model's file is or would be.</summary>
    public string PathOf(PublishedModel model) => Path.Combine(Folder, model.File);

    /// <summary>What the cache holds of a model; the content is not read.</summary>
    /// <returns>The state and the bytes on disk.</returns>
    public (CacheState State, long Bytes) StateOf(PublishedModel model)
    {
        string path = PathOf(model);
        if (File.Exists(path))
        {
            bool recorded = File.Exists(Checkpoints.Sha256Sidecar.PathOf(path));
            return (recorded ? CacheState.Verified : CacheState.Unverified, new FileInfo(path).Length);
        }

        var part = new FileInfo(PartialFile.PathOf(path));
        return part.Exists ? (CacheState.Partial, part.Length) : (CacheState.Absent, 0);
    }
}
