using Dense.Imaging;
using Dense.Training.Data.Loading;
using Dense.Training.Data.Sources;

namespace Dense.Training.Data.Formats;

/// <summary>Two independent views of each image, decoded once (P-79): samples of 2×3×S×S, without labels.</summary>
public sealed class ContrastiveFormat : ISampleFormat
{
    private const int Views = 2;

    private readonly ViewSettings _settings;
    private readonly ulong _seed;

    /// <summary>Creates the format.</summary>
    /// <param name="source">The images that it is meant for.</param>
    /// <param name="settings">How views are made.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="DatasetException">The source has labels: as a rule the wrong list was named.</exception>
    public ContrastiveFormat(IImageSource source, ViewSettings settings, ulong seed)
    {
        if (source.ClassCount > 0)
        {
            throw new DatasetException(
                $"{source.Location}: this image list has labels, expected one without for contrastive " +
                "training. Name the unlabelled list (one path per line), or choose a supervised method.");
        }

        _settings = settings;
        _seed = seed;
        Shape = [Views, 3, settings.CropSize, settings.CropSize];
    }

    /// <inheritdoc/>
    public IReadOnlyList<long> Shape { get; }

    /// <inheritdoc/>
    public bool HasLabels => false;

    /// <inheritdoc/>
    public ISampleDecoder CreateDecoder() => new ViewDecoder(_settings, _seed, Views);
}
