using Dense.Checkpoints.Pickle;

namespace Dense.Checkpoints;

/// <summary>
/// Writes <c>.pkl</c> weight files as detectron2 reads them, with a <c>.sha256</c> file beside (P-144, P-149, E-74).
/// </summary>
public static class Detectron2File
{
    /// <summary>Writes a file atomically.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="model">Name to tensor, in order; the names must already be detectron2's.</param>
    /// <param name="author">What <c>__author__</c> says, such as <c>OpenSelfSup</c>.</param>
    /// <exception cref="IOException">The disk is full, the folder is missing or read-only.</exception>
    /// <exception cref="ArgumentException">A tensor of bfloat16, which NumPy lacks.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, TensorRecord>> model, string author) =>
        Sha256Sidecar.WriteFile(path, stream => Write(stream, model, author));

    /// <summary>Writes to a stream.</summary>
    public static void Write(Stream stream, IEnumerable<KeyValuePair<string, TensorRecord>> model, string author) =>
        NumpyPickleWriter.Write(stream, model, author);
}
