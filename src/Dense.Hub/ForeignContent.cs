using System.Text;

namespace Dense.Hub;

/// <summary>Recognises what servers deliver instead of a weight file.</summary>
public static class ForeignContent
{
    /// <summary>How many bytes from the beginning are looked at.</summary>
    public const int Window = 512;

    private const string ByteOrderMark = "\u00EF\u00BB\u00BF";

    private static readonly string[] Pages = ["<!doctype", "<html", "<head", "<body", "<?xml", "<!--", "<script"];

    /// <summary>What the bytes are when they cannot be a weight file; null when they may be one.</summary>
    /// <param name="head">The first bytes, at most <see cref="Window"/> are looked at.</param>
    public static string? Describe(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
            return "an empty file";

        ReadOnlySpan<byte> window = head[..Math.Min(head.Length, Window)];
        string text = Encoding.Latin1.GetString(window).TrimStart([.. ByteOrderMark, .. " \t\r\n"]);
        if (Pages.Any(p => text.StartsWith(p, StringComparison.OrdinalIgnoreCase)))
            return "a web page (HTML), not the file: such pages ask for a login or say that the file is gone";

        if (text.StartsWith("version https://git-lfs", StringComparison.Ordinal))
            return "a Git LFS pointer, a note that stands for the file; fetch the file itself (git lfs pull)";

        // A safetensors file may have a brace as its first byte too: the low byte of a length. Its next bytes are zero.
        if (window.ContainsAnyExceptInRange((byte)'\t', (byte)'~'))
            return null;

        string beginning = text[..Math.Min(text.Length, 100)].ReplaceLineEndings(" ");
        if (text.StartsWith('{') || text.StartsWith('['))
            return $"a JSON message: {beginning}";

        return head.Length >= Window ? null : $"a short text: {beginning}";
    }

    /// <summary>Looks at the beginning of a file: see <see cref="Describe"/>.</summary>
    public static string? DescribeFile(string path)
    {
        using FileStream file = File.OpenRead(path);
        var head = new byte[Window];
        return Describe(head.AsSpan(0, file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)));
    }
}
