using Dense.Checkpoints.Pth;

namespace Dense.Checkpoints;

/// <summary>
/// Writes <c>.pth</c> files that <c>torch.load</c> reads in every version since 1.6, with or without
/// <c>weights_only</c>.
/// </summary>
public static class TorchFile
{
    /// <summary>Writes a file atomically.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="root">
    /// What it holds, made of the values that <see cref="CheckpointMap"/> lists; <see cref="int"/> and
    /// <see cref="float"/> are taken as well. Tensors that are views of the same memory are stored once.
    /// </param>
    /// <exception cref="IOException">The disk is full, the folder is missing or read-only.</exception>
    /// <exception cref="ArgumentException">A value that such files cannot hold.</exception>
    public static void Write(string path, CheckpointMap root)
    {
        ArgumentNullException.ThrowIfNull(root);
        AtomicFile.Write(path, stream => Write(stream, root, TopFolder(path)));
    }

    /// <summary>Writes a file that holds a list, atomically.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="root">Values as in the other form.</param>
    public static void Write(string path, IReadOnlyList<object?> root)
    {
        ArgumentNullException.ThrowIfNull(root);
        AtomicFile.Write(path, stream => TorchZipWriter.Write(stream, root, TopFolder(path)));
    }

    /// <summary>Writes to a stream, which need not be seekable.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="root">What the file holds.</param>
    /// <param name="topFolder">Name of the folder that all records share; PyTorch uses the file's stem.</param>
    public static void Write(Stream stream, CheckpointMap root, string topFolder = "archive") =>
        TorchZipWriter.Write(stream, root, topFolder);

    private static string TopFolder(string path)
    {
        string stem = Path.GetFileNameWithoutExtension(path);
        return stem.Length > 0 && stem.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') &&
            stem.Trim('.').Length > 0
            ? stem
            : "archive";
    }
}
