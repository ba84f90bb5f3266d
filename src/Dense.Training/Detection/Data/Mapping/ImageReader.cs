using Dense.Imaging;
using Dense.Training.Data;

namespace Dense.Training.Detection.Data.Mapping;

/// <summary>
/// Decodes images and holds their sizes against the annotations (E-106, E-107, E-197). One per thread.
/// </summary>
internal sealed class ImageReader(DetectionDataSettings settings) : IDisposable
{
    private readonly ImageDecoder _decoder =
        new(new ImageDecoderSettings { ApplyExifOrientation = settings.ApplyExifOrientation });

    private RgbImage _image = new();
    private RgbImage _transposed = new();

    /// <summary>Decodes an image.</summary>
    /// <returns>Its pixels, valid until the next call.</returns>
    /// <exception cref="DatasetException">The file is missing, damaged, or has another size than annotated.</exception>
    public RgbImage Read(ImageRecord record)
    {
        try
        {
            _decoder.DecodeFile(record.FileName, _image);
        }
        catch (ImageDecodeException e)
        {
            throw new DatasetException(e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(
                $"{record.FileName}: the image cannot be read: {e.Message} Check the image folder of the data set.", e);
        }

        CheckSize(record);
        return _image;
    }

    /// <inheritdoc/>
    public void Dispose() => _decoder.Dispose();

    private void CheckSize(ImageRecord record)
    {
        (int width, int height) = (_image.Width, _image.Height);
        bool isKnown = record.Width > 0 && record.Height > 0;
        if (!isKnown || (width, height) == (record.Width, record.Height))
            return;

        bool isSwapped = (height, width) == (record.Width, record.Height);
        if (isSwapped && settings.TransposeSwapped)
        {
            Transpose(_image, _transposed);
            (_image, _transposed) = (_transposed, _image);
            return;
        }

        string orientation = settings.ApplyExifOrientation
            ? $"after its EXIF orientation {_decoder.Orientation} was applied"
            : "without its EXIF orientation";
        string remedy = isSwapped
            ? "The annotations may have been drawn on the image as stored: try --exif ignore, or --transpose-swapped " +
                "if they were drawn on a transposed one; otherwise correct 'width' and 'height'."
            : "Correct 'width' and 'height', or restore the image that was annotated.";
        throw new DatasetException(
            $"{record.FileName}: the image is {width}x{height} {orientation}, but image {record.ImageId} is " +
            $"annotated as {record.Width}x{record.Height} (width x height). {remedy}");
    }

    private static void Transpose(RgbImage source, RgbImage destination)
    {
        destination.Reshape(source.Height, source.Width);
        for (int y = 0; y < destination.Height; y++)
        {
            Span<byte> row = destination.Row(y);
            for (int x = 0; x < destination.Width; x++)
                source.Row(x).Slice(3 * y, 3).CopyTo(row[(3 * x)..]);
        }
    }
}
