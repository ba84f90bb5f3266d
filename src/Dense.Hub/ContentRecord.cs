using System.Globalization;
using System.Security.Cryptography;
using Dense.Checkpoints;

namespace Dense.Hub;

/// <summary>
/// What a model's file was when it was first verified, in <c>FILE.sha256</c> beside it: the form that
/// <c>sha256sum --check</c> and every weight reader here verify, with size and origin as comments.
/// </summary>
/// <param name="Sha256">64 hexadecimal digits.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Source">The address it came from; null when it was put there by hand.</param>
public sealed record ContentRecord(string Sha256, long Bytes, string? Source)
{
    private const string BytesLine = "# bytes ";
    private const string SourceLine = "# source ";

    /// <summary>Reads the record of a file.</summary>
    /// <returns>Null when there is none. A size of -1 when another program wrote it and left it out.</returns>
    /// <exception cref="HubException">The record is damaged.</exception>
    public static ContentRecord? Read(string path)
    {
        string sidecar = Sha256Sidecar.PathOf(path);
        if (!File.Exists(sidecar))
            return null;

        string[] lines = [.. File.ReadLines(sidecar).Take(10)];
        string digest = lines.FirstOrDefault(l => !l.StartsWith('#'))?.Split(' ')[0] ?? "";
        if (digest.Length != 64 || !digest.All(char.IsAsciiHexDigit))
        {
            throw new HubException($"{sidecar}: expected a line that begins with 64 hexadecimal digits. " +
                $"Delete this file to verify {path} anew.");
        }

        bool sized = long.TryParse(Comment(BytesLine), NumberStyles.None, CultureInfo.InvariantCulture, out long bytes);
        return new ContentRecord(digest.ToLowerInvariant(), sized ? bytes : -1, Comment(SourceLine));

        string? Comment(string label) =>
            lines.FirstOrDefault(l => l.StartsWith(label, StringComparison.Ordinal))?[label.Length..];
    }

    /// <summary>The record of a file as it is now.</summary>
    public static ContentRecord Of(string path, string? source)
    {
        using FileStream file = File.OpenRead(path);
        return new ContentRecord(Convert.ToHexStringLower(SHA256.HashData(file)), file.Length, source);
    }

    /// <summary>Writes the record beside a file.</summary>
    public void Write(string path) => AtomicFile.WriteText(
        Sha256Sidecar.PathOf(path),
        $"{Sha256}  {Path.GetFileName(path)}\n{BytesLine}{Bytes}\n{(Source is null ? "" : $"{SourceLine}{Source}\n")}");

    /// <summary>Throws when the file is not what was recorded.</summary>
    /// <exception cref="HubException">Size or content changed.</exception>
    public void Require(string path)
    {
        long bytes = new FileInfo(path).Length;
        if (Bytes >= 0 && bytes != Bytes)
            throw Changed(path, $"it had {Bytes} bytes and now has {bytes}");

        string sha256 = Of(path, Source).Sha256;
        if (sha256 != Sha256)
            throw Changed(path, $"its SHA-256 was {Sha256} and now is {sha256}");
    }

    private static HubException Changed(string path, string difference) => new(
        $"{path}: the file changed since it was first verified: {difference}. Delete it and pull it again; " +
        $"if the change was meant, delete {Path.GetFileName(Sha256Sidecar.PathOf(path))} instead.");
}
