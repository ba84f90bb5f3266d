using System.Globalization;
using Dense.Checkpoints;

namespace Dense.Training.Detection.Loop;

/// <summary>
/// The checkpoints of a detection run: <c>model_0004999.pth</c> after step 4999 (counted from 0),
/// <c>model_final.pth</c>,
/// and <c>last_checkpoint</c>, which holds the name of the newest (E-28, E-29). A name never stands for half a file.
/// </summary>
public sealed class DetectionCheckpoints
{
    private const string Prefix = "model_";
    private const string Extension = ".pth";
    private const string FinalName = "model_final.pth";
    private const string PointerName = "last_checkpoint";

    private readonly int _keep;

    /// <summary>Creates the view of a folder.</summary>
    /// <param name="folder">OUTPUT_DIR.</param>
    /// <param name="keep">How many periodic checkpoints stay; 0 keeps all (E-173).</param>
    public DetectionCheckpoints(string folder, int keep = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keep);
        FolderPath = folder;
        _keep = keep;
    }

    /// <summary>OUTPUT_DIR.</summary>
    public string FolderPath { get; }

    /// <summary>Whether a checkpoint was ever written here: whether there is <c>last_checkpoint</c> (E-66).</summary>
    public bool Exist => File.Exists(Path.Combine(FolderPath, PointerName));

    /// <summary>The file after the last step.</summary>
    public string FinalPath => Path.Combine(FolderPath, FinalName);

    /// <summary>The file of a step.</summary>
    /// <param name="iteration">Its number, from 0.</param>
    public string StepPath(long iteration) =>
        Path.Combine(FolderPath, Prefix + iteration.ToString("D7", CultureInfo.InvariantCulture) + Extension);

    /// <summary>Writes a checkpoint, then names it the newest, then removes what is too old.</summary>
    /// <exception cref="IOException">It cannot be written; what was there is intact.</exception>
    public void Save(string path, CheckpointMap content)
    {
        Directory.CreateDirectory(FolderPath);
        TorchFile.Write(path, content);
        AtomicFile.WriteText(Path.Combine(FolderPath, PointerName), Path.GetFileName(path));
        Prune(path);
    }

    /// <summary>The file that <c>last_checkpoint</c> names; null when there is no such file.</summary>
    public string? Latest()
    {
        string pointer = Path.Combine(FolderPath, PointerName);
        string name = File.Exists(pointer) ? File.ReadAllText(pointer).Trim() : "";
        string path = Path.Combine(FolderPath, Path.GetFileName(name));
        return name.Length > 0 && File.Exists(path) ? path : null;
    }

    /// <summary>
    /// Files to resume from, best first: what <c>last_checkpoint</c> names, then the others from new to old (E-172);
    /// none
    /// without that file.
    /// </summary>
    public IReadOnlyList<string> Candidates()
    {
        if (!Exist)
            return [];

        IEnumerable<string> byAge = Own().Where(p => p != Latest())
            .OrderByDescending(File.GetLastWriteTimeUtc).ThenByDescending(p => p, StringComparer.Ordinal);
        return Latest() is { } latest ? [latest, .. byAge] : [.. byAge];
    }

    private void Prune(string newest)
    {
        if (_keep == 0)
            return;

        string[] old = [.. Own().Where(p => p != FinalPath).OrderDescending(StringComparer.Ordinal).Skip(_keep)];
        foreach (string path in old.Where(p => p != newest))
            File.Delete(path);
    }

    private IEnumerable<string> Own() =>
        Directory.EnumerateFiles(FolderPath, Prefix + "*" + Extension).Where(p => IsOwn(Path.GetFileName(p)));

    private static bool IsOwn(string name) =>
        name == FinalName || long.TryParse(
            name.AsSpan()[Prefix.Length..^Extension.Length], NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
