using Dense.Imaging;
using Dense.Training.Data.Loading;
using Dense.Training.Data.Sources;

namespace Dense.Training.Data.Formats;

/// <summary>
/// One random view of each image, with its label: samples of 3×S×S, for supervised training and probes.
/// </summary>
public sealed class LabelledFormat : ISampleFormat
{
    private readonly ViewSettings _settings;
    private readonly ulong _seed;

    /// <summary>Creates the format.</summary>
    /// <param name="source">The images that it is meant for.</param>
    /// <param name="settings">How views are made.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="classes">Classes of the model.</param>
    /// <exception cref="DatasetException">The source has no labels, or more classes than the model.</exception>
    public LabelledFormat(IImageSource source, ViewSettings settings, ulong seed, int classes)
    {
        LabelCheck.Require(source, classes);
        _settings = settings;
        _seed = seed;
        Shape = [3, settings.CropSize, settings.CropSize];
    }

    /// <inheritdoc/>
    public IReadOnlyList<long> Shape { get; }

    /// <inheritdoc/>
    public bool HasLabels => true;

    /// <inheritdoc/>
    public ISampleDecoder CreateDecoder() => new ViewDecoder(_settings, _seed, views: 1);
}
