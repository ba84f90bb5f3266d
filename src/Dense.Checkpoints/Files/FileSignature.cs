using System.Text;
using Dense.Checkpoints.Safetensors;

namespace Dense.Checkpoints.Files;

/// <summary>Recognises a file by its first bytes, whatever its name (P-217).</summary>
internal static class FileSignature
{
    private const int Inspected = 512;
    private const int TarMagicOffset = 257;

    // Marks of files that people save under a weight file's name.
    private static readonly (byte[] Start, string What)[] Others =
    [
        ([0x1f, 0x8b], "a gzip archive: unpack it first (gunzip)"),
        ([.. "BZh"u8], "a bzip2 archive: unpack it first"),
        ([0xfd, .. "7zXZ"u8], "an xz archive: unpack it first"),
        ([0x28, 0xb5, 0x2f, 0xfd], "a zstd archive: unpack it first"),
        ([.. "7z"u8, 0xbc, 0xaf], "a 7-Zip archive: unpack it first"),
        ([.. "Rar!"u8], "a RAR archive: unpack it first"),
        ([0xff, 0xd8, 0xff], "a JPEG picture"),
        ([0x89, .. "PNG"u8], "a PNG picture"),
        ([.. "GIF8"u8], "a GIF picture"),
        ([.. "%PDF"u8], "a PDF document"),
        ([0x89, .. "HDF"u8], "an HDF5 file (Keras); only PyTorch, detectron2 and safetensors weights are read"),
        ([0x93, .. "NUMPY"u8], "a single NumPy array (.npy)"),
        ([0x7f, .. "ELF"u8], "a program"),
        ([.. "version https://git-lfs"u8], "a git-LFS pointer, not the file itself: fetch it with 'git lfs pull'"),
        ([.. "PK"u8, 5, 6], "an empty ZIP archive"),
        ([.. "GGUF"u8], "a GGUF model"),
    ];

    /// <summary>The format of a weight file.</summary>
    /// <exception cref="CheckpointFormatException">The file is something else, which the message names.</exception>
    public static CheckpointFormat Recognize(ByteSource source)
    {
        if (source.Length == 0)
            throw source.Refuse(0, "the file is empty: the download or the copy did not finish. Get it again.");

        byte[] start = new byte[(int)Math.Min(Inspected, source.Length)];
        source.Read(0, start);
        if (start.AsSpan().StartsWith("PK\x03\x04"u8))
            return CheckpointFormat.TorchZip;

        if (SafetensorsReader.LooksLike(start, source.Length))
            return CheckpointFormat.Safetensors;

        foreach (var (mark, what) in Others)
        {
            if (start.AsSpan().StartsWith(mark))
                throw source.Refuse(0, $"this is {what}. A weight file is a .pth, .pkl or .safetensors file.");
        }

        if (DescribeText(start) is { } text)
            throw source.Refuse(0, $"this is {text}, not a weight file. Its download link is probably dead or needs " +
                "a log-in; get the file itself.");

        if (start.Length > TarMagicOffset + 5 && start.AsSpan(TarMagicOffset).StartsWith("ustar"u8))
            throw source.Refuse(0, "this is a tar archive. Unpack it; PyTorch files from before version 0.2 must be " +
                "saved again with a newer PyTorch.");

        if (StartsLegacy(start))
            return CheckpointFormat.TorchLegacy;

        if (start[0] == 0x80 || IsOldPickle(start[0]))
            return CheckpointFormat.Pickle;

        string first = Convert.ToHexStringLower(start.AsSpan(0, Math.Min(8, start.Length)));
        throw source.Refuse(0, $"this is not a weight file: it begins with the bytes {first}. " +
            "PyTorch's .pth, detectron2's .pkl and .safetensors files are read.");
    }

    private static string? DescribeText(ReadOnlySpan<byte> start)
    {
        string text = Encoding.Latin1.GetString(start).TrimStart('\u00ef', '\u00bb', '\u00bf', ' ', '\t', '\r', '\n');
        if (text.StartsWith("<?xml", StringComparison.OrdinalIgnoreCase))
            return "an XML document";

        if (text.StartsWith('<'))
            return "a web page";

        return text.StartsWith("{\"", StringComparison.Ordinal) ? "a JSON text" : null;
    }

    // The magic number as a pickled integer, behind a protocol and perhaps a frame.
    private static bool StartsLegacy(ReadOnlySpan<byte> start) =>
        start[0] == 0x80 && start[..Math.Min(32, start.Length)].IndexOf((ReadOnlySpan<byte>)
            [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]) >= 0;

    // Protocols 0 and 1 have no mark of their own: what their first instruction can be.
    private static bool IsOldPickle(byte first) => "(]}){cNIJKMLFGSUTVX0.".Contains((char)first);
}
