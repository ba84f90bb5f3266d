namespace Dense.Training.Data.Sources;

/// <summary>Tells images from other files, by name or by their first bytes.</summary>
internal static class ImageSignature
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp"];

    /// <summary>Whether the name has the extension of an image.</summary>
    public static bool HasImageName(string name) =>
        Extensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a file is an image by its name or, where the name has no extension, by its content.</summary>
    public static bool IsImage(string path) =>
        HasImageName(path) || (!Path.HasExtension(path) && HasImageContent(path));

    private static bool HasImageContent(string path)
    {
        Span<byte> head = stackalloc byte[12];
        using var file = File.OpenHandle(path);
        head = head[..RandomAccess.Read(file, head, 0)];
        return head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])
            || head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G'])
            || head.StartsWith("GIF8"u8)
            || head.StartsWith("BM"u8)
            || (head.StartsWith("RIFF"u8) && head.EndsWith("WEBP"u8));
    }
}
