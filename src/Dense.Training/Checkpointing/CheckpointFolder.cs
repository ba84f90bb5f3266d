using System.Globalization;

namespace Dense.Training.Checkpointing;

/// <summary>
/// The checkpoints of one run: <c>epoch_N.pth</c> after N complete epochs (P-130), <c>iter_N.pth</c> after N steps in
/// between, and the symbolic link <c>latest.pth</c>, which always names a file that is complete on the disk.
/// </summary>
public sealed class CheckpointFolder
{
    private const string LatestName = "latest.pth";
    private const string EpochPrefix = "epoch_";
    private const string IterationPrefix = "iter_";
    private const string Extension = ".pth";

    /// <summary>Creates the view of a folder; the folder itself is created at the first save.</summary>
    public CheckpointFolder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FolderPath = path;
    }

    /// <summary>The folder.</summary>
    public string FolderPath { get; }

    /// <summary>Where <c>latest.pth</c> is.</summary>
    public string LatestPath => Path.Combine(FolderPath, LatestName);

    /// <summary>The file of a complete epoch.</summary>
    /// <param name="epochs">Completed epochs, from 1.</param>
    public string EpochPath(int epochs) => Path.Combine(FolderPath, Name(EpochPrefix, epochs));

    /// <summary>The file of a state between two epochs.</summary>
    /// <param name="iterations">Completed steps of the run, from 1.</param>
    public string IterationPath(long iterations) => Path.Combine(FolderPath, Name(IterationPrefix, iterations));

    /// <summary>
    /// Files to resume from, best first: what <c>latest.pth</c> names, then the others from new to old. A damaged file
    /// is found only by reading it.
    /// </summary>
    public IReadOnlyList<string> Candidates()
    {
        if (!Directory.Exists(FolderPath))
            return [];

        var byAge = Own().OrderByDescending(File.GetLastWriteTimeUtc).ThenByDescending(p => p, StringComparer.Ordinal);
        string? latest = Latest();
        return latest is null ? [.. byAge] : [latest, .. byAge.Where(p => p != latest)];
    }

    /// <summary>The file that <c>latest.pth</c> names; null when there is no such link or it leads nowhere.</summary>
    public string? Latest()
    {
        FileSystemInfo? target = new FileInfo(LatestPath) is { LinkTarget: not null } link
            ? link.ResolveLinkTarget(returnFinalTarget: false)
            : null;
        return target is { Exists: true } ? Path.Combine(FolderPath, target.Name) : null;
    }

    /// <summary>
    /// Makes <c>latest.pth</c> name a complete file, in one step: a reader sees the old target or the new.
    /// </summary>
    public void PointLatestTo(string path)
    {
        string temporary = Path.Combine(FolderPath, $".{LatestName}.{Environment.ProcessId}");
        File.Delete(temporary);
        File.CreateSymbolicLink(temporary, Path.GetFileName(path));
        File.Move(temporary, LatestPath, overwrite: true);
    }

    /// <summary>
    /// Deletes all but the newest files of the run, never the one that <c>latest.pth</c> names (P-225).
    /// </summary>
    /// <param name="keep">How many stay; 0 keeps all.</param>
    public void Prune(int keep)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keep);
        if (keep == 0)
            return;

        foreach (string path in Candidates().Skip(keep))
            File.Delete(path);
    }

    private IEnumerable<string> Own() => Directory.EnumerateFiles(FolderPath, "*" + Extension)
        .Where(p => IsOwn(Path.GetFileNameWithoutExtension(p)));

    private static bool IsOwn(string stem) => IsNumbered(stem, EpochPrefix) || IsNumbered(stem, IterationPrefix);

    private static bool IsNumbered(string stem, string prefix) =>
        stem.StartsWith(prefix, StringComparison.Ordinal)
        && long.TryParse(stem.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static string Name(string prefix, long number) =>
        prefix + number.ToString(CultureInfo.InvariantCulture) + Extension;
}
