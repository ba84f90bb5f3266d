using Dense.Imaging;

namespace Dense.Training.Data.Loading;

/// <summary>Decodes images into samples with buffers of its own. Used by one thread.</summary>
public interface ISampleDecoder : IDisposable
{
    /// <summary>Decodes one image.</summary>
    /// <param name="encoded">The image file.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="epoch">From 0.</param>
    /// <param name="sampleIndex">The image's index in the source; with the epoch it determines all random
    /// choices.</param>
    /// <param name="sample">The memory to fill.</param>
    /// <exception cref="ImageDecodeException">The image is damaged.</exception>
    void Decode(ReadOnlySpan<byte> encoded, string name, int epoch, int sampleIndex, Span<float> sample);
}
