using System.Net.Http.Headers;
using System.Text.Json;
using Dense.Checkpoints;

namespace Dense.Hub;

/// <summary>
/// A download in progress: <c>FILE.part</c>, with <c>FILE.part.json</c> that says of which version of which address it
/// is the beginning. Without that knowledge a download starts over, since the two ends might not fit together.
/// </summary>
internal sealed class PartialFile(string target)
{
    private readonly string _path = PathOf(target);

    private string OriginPath => _path + ".json";

    /// <summary>The version of a file at a server.</summary>
    /// <param name="Address">The address as the catalogue has it, before redirections.</param>
    /// <param name="Tag">The strong entity tag.</param>
    /// <param name="Total">Size of the whole file.</param>
    internal sealed record Origin(string Address, string? Tag, long? Total);

    public string Path => _path;

    /// <summary>Bytes so far.</summary>
    public long Length => File.Exists(_path) ? new FileInfo(_path).Length : 0;

    public static string PathOf(string target) => target + ".part";

    /// <summary>What is known about the part, if it is the beginning of this address.</summary>
    public Origin? OriginAt(Uri address)
    {
        try
        {
            if (Length == 0 || !File.Exists(OriginPath))
                return null;

            Origin? origin = JsonSerializer.Deserialize<Origin>(File.ReadAllBytes(OriginPath));
            return origin?.Address == address.AbsoluteUri ? origin : null;
        }
        catch (JsonException)
        {
            return null; // Damaged notes are worth no more than none: start over.
        }
    }

    /// <summary>Opens the part for writing: at its end to go on, or emptied.</summary>
    public FileStream Open(Origin origin, bool goOn)
    {
        if (!goOn)
            Delete();

        AtomicFile.WriteText(OriginPath, JsonSerializer.Serialize(origin));
        return new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
    }

    /// <summary>Forgets the part.</summary>
    public void Delete()
    {
        File.Delete(_path);
        File.Delete(OriginPath);
    }

    /// <summary>Gives the finished file its name.</summary>
    public void MoveTo(string path)
    {
        File.Move(_path, path, overwrite: true);
        File.Delete(OriginPath);
    }

    /// <summary>The tag by which a server recognises the same version; null without a strong one.</summary>
    public static string? TagOf(HttpResponseHeaders headers) =>
        headers.ETag is { IsWeak: false } tag ? tag.Tag : null;
}
