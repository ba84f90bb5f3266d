using Dense.Imaging;
using Dense.Training.Data.Loading;
using Dense.Training.Data.Sources;

namespace Dense.Training.Data.Formats;

/// <summary>
/// The centre of each image, without chance: samples of 3×S×S, with labels where the source has them. For evaluation
/// and feature extraction.
/// </summary>
/// <param name="source">The images that it is meant for.</param>
/// <param name="settings">Which part of the image is seen.</param>
public sealed class EvaluationFormat(IImageSource source, EvaluationSettings settings) : ISampleFormat
{
    /// <inheritdoc/>
    public IReadOnlyList<long> Shape { get; } = [3, settings.Size, settings.Size];

    /// <inheritdoc/>
    public bool HasLabels { get; } = source.ClassCount > 0;

    /// <inheritdoc/>
    public ISampleDecoder CreateDecoder() => new Decoder(settings);

    private sealed class Decoder(EvaluationSettings settings) : ISampleDecoder
    {
        private readonly ImageDecoder _decoder = new();
        private readonly EvaluationPipeline _pipeline = new(settings);
        private readonly RgbImage _image = new();

        public void Decode(ReadOnlySpan<byte> encoded, string name, int epoch, int sampleIndex, Span<float> sample)
        {
            _decoder.Decode(encoded, name, _image);
            _pipeline.Apply(_image, sample);
        }

        public void Dispose() => _decoder.Dispose();
    }
}
