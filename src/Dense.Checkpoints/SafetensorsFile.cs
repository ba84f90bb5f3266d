using Dense.Checkpoints.Safetensors;

namespace Dense.Checkpoints;

/// <summary>Writes safetensors files, with a <c>.sha256</c> file beside.</summary>
public static class SafetensorsFile
{
    /// <summary>Writes a file atomically.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="tensors">Name to tensor, in order.</param>
    /// <param name="metadata">Texts for the <c>__metadata__</c> block, or null for none.</param>
    /// <exception cref="IOException">The disk is full, the folder is missing or read-only.</exception>
    /// <exception cref="ArgumentException">Two tensors of one name.</exception>
    public static void Write(
        string path,
        IEnumerable<KeyValuePair<string, TensorRecord>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null) =>
        Sha256Sidecar.WriteFile(path, stream => Write(stream, tensors, metadata));

    /// <summary>Writes to a stream.</summary>
    public static void Write(
        Stream stream,
        IEnumerable<KeyValuePair<string, TensorRecord>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null) =>
        SafetensorsWriter.Write(stream, [.. tensors], metadata);
}
