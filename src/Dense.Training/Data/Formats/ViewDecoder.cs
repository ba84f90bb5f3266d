using Dense.Imaging;
using Dense.Training.Data.Loading;

namespace Dense.Training.Data.Formats;

/// <summary>Makes random views, each with a random source keyed by (seed, epoch, image, view) (P-99).</summary>
internal sealed class ViewDecoder(ViewSettings settings, ulong seed, int views) : ISampleDecoder
{
    private readonly ImageDecoder _decoder = new();
    private readonly ViewPipeline _pipeline = new(settings);
    private readonly RgbImage _image = new();

    public void Decode(ReadOnlySpan<byte> encoded, string name, int epoch, int sampleIndex, Span<float> sample)
    {
        _decoder.Decode(encoded, name, _image);
        for (int view = 0; view < views; view++)
        {
            var random = new SampleRandom(seed, epoch, sampleIndex, view);
            _pipeline.Make(_image, ref random, sample.Slice(view * settings.ValueCount, settings.ValueCount));
        }
    }

    public void Dispose() => _decoder.Dispose();
}
