using Dense.Coco;
using Dense.Detection;
using Dense.Imaging;
using Dense.Training.Data;

namespace Dense.Training.Detection.Data.Mapping;

/// <summary>
/// Turns a record into the image that a detector takes: decoded, transformed, with what is to be found in it (E-106 to
/// E-119). Owns its buffers: one per thread.
/// </summary>
public sealed class DetectionMapper : IDisposable
{
    private readonly DetectionDataSettings _settings;
    private readonly ImageReader _reader;
    private readonly GroundTruthBuilder _truth;
    private readonly BilinearResampler _resampler = new();

    /// <summary>Creates a mapper.</summary>
    /// <param name="settings">What is done to images.</param>
    public DetectionMapper(DetectionDataSettings settings)
    {
        _settings = settings;
        _reader = new ImageReader(settings);
        _truth = new GroundTruthBuilder(settings);
    }

    /// <summary>Makes a training image.</summary>
    /// <param name="record">The image.</param>
    /// <param name="position">
    /// Its position in the stream of all ranks: with the seed it decides all draws (E-104).
    /// </param>
    /// <exception cref="DatasetException">The image or its annotations cannot be used; names the file.</exception>
    public InputImage ForTraining(ImageRecord record, long position)
    {
        RgbImage image = _reader.Read(record);
        var random = new SampleRandom((ulong)_settings.Seed, epoch: 0, position, view: 0);
        ImageTransform transform =
            TransformSampler.Draw(ref random, record, image.Height, image.Width, _settings);
        return Apply(record.ImageId, record.FileName, image, transform, Truth(record, transform, image));
    }

    /// <summary>Makes an image for evaluation.</summary>
    /// <param name="record">The image.</param>
    /// <exception cref="DatasetException">The image cannot be used; names the file.</exception>
    public InputImage ForEvaluation(ImageRecord record)
    {
        RgbImage image = _reader.Read(record);
        ImageTransform transform = TransformSampler.ForEvaluation(image.Height, image.Width, _settings);
        return Apply(record.ImageId, record.FileName, image, transform, truth: null);
    }

    /// <summary>Makes an image for evaluation, with what is to be found in it.</summary>
    /// <param name="record">The image.</param>
    /// <exception cref="DatasetException">The image or its annotations cannot be used; names the file.</exception>
    public InputImage ForValidation(ImageRecord record)
    {
        RgbImage image = _reader.Read(record);
        ImageTransform transform = TransformSampler.ForEvaluation(image.Height, image.Width, _settings);
        return Apply(record.ImageId, record.FileName, image, transform, Truth(record, transform, image));
    }

    /// <summary>Makes an input of an image that belongs to no data set.</summary>
    /// <param name="image">Decoded already; unchanged.</param>
    /// <param name="id">What the detections are to call it.</param>
    /// <param name="fileName">Where it comes from.</param>
    public InputImage ForPrediction(RgbImage image, long id, string fileName) =>
        Apply(id, fileName, image, TransformSampler.ForEvaluation(image.Height, image.Width, _settings), truth: null);

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private GroundTruth Truth(ImageRecord record, in ImageTransform transform, RgbImage image)
    {
        try
        {
            return _truth.Build(record, transform, image.Height, image.Width);
        }
        catch (Exception e) when (e is CocoFormatException or DatasetException)
        {
            throw new DatasetException($"{record.FileName}: annotations of image {record.ImageId}: {e.Message}", e);
        }
    }

    private InputImage Apply(
        long id, string fileName, RgbImage image, in ImageTransform transform, GroundTruth? truth) => new()
        {
            Pixels = Resize(image, transform),
            Height = transform.Height,
            Width = transform.Width,
            OriginalHeight = image.Height,
            OriginalWidth = image.Width,
            ImageId = id,
            FileName = fileName,
            GroundTruth = truth,
        };

    private byte[] Resize(RgbImage image, in ImageTransform transform)
    {
        (int height, int width) = (transform.Height, transform.Width);
        int plane = height * width;
        byte[] pixels = GC.AllocateUninitializedArray<byte>(checked(3 * plane));
        Span<byte> first = pixels.AsSpan(0, plane), last = pixels.AsSpan(2 * plane);
        bool isRgb = _settings.ChannelOrder == ChannelOrder.Rgb;
        _resampler.ResizeToPlanes(
            image, transform.Crop, width, height, isRgb ? first : last, pixels.AsSpan(plane, plane),
            isRgb ? last : first);

        for (int row = 0; transform.Flip && row < 3 * height; row++)
            pixels.AsSpan(row * width, width).Reverse();

        return pixels;
    }
}
