using Dense.Detection;
using Dense.Imaging;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Logging;

namespace Dense.Training.Detection.Pictures;

/// <summary>
/// A few pictures of a run for TensorBoard: training images with what is to be found in them, and what an evaluation
/// found.
/// </summary>
/// <param name="classes">Class names by contiguous number.</param>
/// <param name="order">The order of the channels of training images.</param>
/// <param name="log">Where the pictures go.</param>
public sealed class RunPictures(IReadOnlyList<string> classes, ChannelOrder order, DetectionLog log)
{
    private const int Most = 4;
    private const double ShownScore = 0.3;

    private readonly DetectionPainter _painter = new(classes);
    private bool _batchShown;

    /// <summary>Shows the first training batch that it is given, as the network sees it.</summary>
    public void ShowBatch(long iteration, IReadOnlyList<InputImage> images)
    {
        if (_batchShown)
            return;

        _batchShown = true;
        foreach (var (image, i) in images.Take(Most).Select((image, i) => (image, i)))
            Add($"train/{i}", PixelsOf(image), TruthOf(image), iteration);
    }

    /// <summary>Shows what was found in an image of a test set; further images than the first few are passed
    /// over.</summary>
    /// <param name="index">Position in the test set.</param>
    /// <param name="iteration">When.</param>
    /// <param name="image">The image; its file is read again, in full size.</param>
    /// <param name="found">What was found.</param>
    public void ShowDetections(int index, long iteration, InputImage image, ImageDetections found)
    {
        if (index >= Most)
            return;

        using var decoder = new ImageDecoder();
        var photograph = new RgbImage();
        decoder.DecodeFile(image.FileName, photograph);
        if ((photograph.Width, photograph.Height) == (found.Width, found.Height))
            Add($"detections/{index}", photograph, found, iteration);
    }

    private void Add(string tag, RgbImage photograph, ImageDetections objects, long iteration)
    {
        RgbImage picture = _painter.Paint(photograph, objects, ShownScore);
        log.AddPicture(tag, ImageEncoder.EncodePng(picture), picture.Width, picture.Height, iteration);
    }

    private static ImageDetections TruthOf(InputImage image)
    {
        GroundTruth truth = image.GroundTruth ?? GroundTruth.Empty;
        return new ImageDetections
        {
            ImageId = image.ImageId,
            Height = image.Height,
            Width = image.Width,
            Boxes = truth.Boxes,
            Classes = truth.Classes,
            Scores = [.. Enumerable.Repeat(1f, truth.Count)],
        };
    }

    private RgbImage PixelsOf(InputImage image)
    {
        var picture = new RgbImage(image.Width, image.Height);
        int plane = image.Width * image.Height;
        Span<byte> pixels = picture.Pixels;
        for (int c = 0; c < 3; c++)
        {
            int source = (order == ChannelOrder.Rgb ? c : 2 - c) * plane;
            for (int i = 0; i < plane; i++)
                pixels[(3 * i) + c] = image.Pixels[source + i];
        }

        return picture;
    }
}
