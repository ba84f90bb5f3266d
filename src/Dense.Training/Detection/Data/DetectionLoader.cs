using System.Diagnostics;
using Dense.Detection;
using Dense.Training.Data;
using Dense.Training.Data.Loading;
using Dense.Training.Detection.Data.Loading;
using Dense.Training.Detection.Data.Mapping;
using Dense.Training.Detection.Data.Sampling;

namespace Dense.Training.Detection.Data;

/// <summary>
/// Makes batches ahead of their use with loader threads. What a batch holds is determined by the settings and its
/// number, never by the timing of threads (E-104). <see cref="Next"/> and disposal are for one thread.
/// </summary>
public sealed class DetectionLoader : IDisposable
{
    private const int ReadAheadBatches = 2;

    private readonly SamplePipeline _pipeline;
    private readonly DamageReport _damage;
    private readonly int _batchSize;
    private long _iteration;

    private DetectionLoader(
        IReadOnlyList<ImageRecord> images,
        DetectionDataSettings settings,
        IEnumerable<SampleRequest> requests,
        Func<SampleLoader> createLoader,
        int batchSize)
    {
        _batchSize = batchSize;
        _damage = new DamageReport("The training images", images.Count, settings.MaximumDamagedShare);
        int capacity = (ReadAheadBatches * batchSize) + settings.NumWorkers;
        _pipeline = new SamplePipeline(requests, createLoader, settings.NumWorkers, capacity);
    }

    /// <summary>Batches of this process; null in training, which has no end.</summary>
    public int? BatchCount { get; private init; }

    /// <summary>How long <see cref="Next"/> has waited altogether.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>Damaged images that were met so far, each counted once.</summary>
    public int DamagedCount => _damage.Count;

    /// <summary>Starts loading for training.</summary>
    /// <param name="images">The images, such as those of a <see cref="TrainingSet"/>.</param>
    /// <param name="settings">How.</param>
    /// <param name="startIteration">The first batch; a resumed run goes on where it stopped (E-102).</param>
    public static DetectionLoader Train(
        IReadOnlyList<ImageRecord> images, DetectionDataSettings settings, long startIteration = 0)
    {
        ArgumentOutOfRangeException.ThrowIfZero(images.Count);
        ArgumentOutOfRangeException.ThrowIfNegative(startIteration);
        DataSettingsCheck.Require(settings);

        return new DetectionLoader(
            images, settings, new TrainingBatches(images, settings).From(startIteration), Create,
            settings.BatchSizePerProcess)
        {
            _iteration = startIteration,
        };

        SampleLoader Create() => new(
            images, settings.DamagedImages, new DetectionMapper(settings),
            (mapper, image, position) => mapper.ForTraining(image, position));
    }

    /// <summary>Starts loading this process's part for evaluation, one image at a time (E-105).</summary>
    /// <param name="images">All images of the data set.</param>
    /// <param name="settings">How.</param>
    public static DetectionLoader Test(IReadOnlyList<ImageRecord> images, DetectionDataSettings settings) =>
        OneByOne(images, settings, (mapper, image) => mapper.ForEvaluation(image));

    /// <summary>Starts loading this process's part as for evaluation, with what is to be found in the images.</summary>
    /// <param name="images">All images of the data set.</param>
    /// <param name="settings">How; without the crop, since that is for training.</param>
    public static DetectionLoader Validation(IReadOnlyList<ImageRecord> images, DetectionDataSettings settings)
    {
        DetectionDataSettings uncropped = settings with { Crop = settings.Crop with { Enabled = false } };
        return OneByOne(images, uncropped, (mapper, image) => mapper.ForValidation(image));
    }

    /// <summary>Waits for the next batch.</summary>
    /// <returns>The batch, or null after the last one of an evaluation.</returns>
    /// <exception cref="DatasetException">An image cannot be used, or too many cannot.</exception>
    public DetectionBatch? Next()
    {
        long begin = Stopwatch.GetTimestamp();
        List<InputImage> images = new(_batchSize);
        List<DamagedImage> damaged = [];
        while (images.Count < _batchSize && _pipeline.Take() is { } sample)
        {
            damaged.AddRange(sample.Damaged);
            sample.Failure?.Throw();
            images.Add(sample.Image!);
        }

        TimeSpan waited = Stopwatch.GetElapsedTime(begin);
        Waited += waited;
        return images.Count == 0 ? null : new DetectionBatch(_iteration++, images, _damage.Add(damaged), waited);
    }

    /// <summary>Stops the threads, at the latest after the image in hand.</summary>
    public void Dispose() => _pipeline.Dispose();

    private static DetectionLoader OneByOne(
        IReadOnlyList<ImageRecord> images,
        DetectionDataSettings settings,
        Func<DetectionMapper, ImageRecord, InputImage> map)
    {
        DataSettingsCheck.Require(settings);
        (int first, int count) = EvaluationShard.Of(images.Count, settings.Rank, settings.WorldSize);
        IEnumerable<SampleRequest> requests = Enumerable.Range(first, count).Select(i => new SampleRequest(i, i));
        return new DetectionLoader(images, settings, requests, Create, batchSize: 1) { BatchCount = count };

        SampleLoader Create() => new(
            images, DamagedImagePolicy.Fail, new DetectionMapper(settings),
            (mapper, image, _) => map(mapper, image));
    }
}
