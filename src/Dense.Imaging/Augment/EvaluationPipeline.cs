namespace Dense.Imaging;

/// <summary>
/// The evaluation transform (P-82, P-83): resize, centre crop or squeeze, to tensor, normalise. Owns its scratch
/// memory: one per thread.
/// </summary>
public sealed class EvaluationPipeline
{
    private readonly BilinearResampler _resampler = new();
    private readonly RgbImage _resized = new();
    private readonly PlanarImage _planes = new();
    private readonly TensorWriter _writer;

    /// <summary>Creates a pipeline.</summary>
    /// <param name="settings">The sizes.</param>
    /// <exception cref="ArgumentException">The sizes cannot be used.</exception>
    public EvaluationPipeline(EvaluationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Size is <= 0 or > 8192 || settings.ShorterSide is <= 0 or > 8192)
        {
            throw new ArgumentException(
                $"Size {settings.Size} or shorter side {settings.ShorterSide} is outside 1 to 8192.", nameof(settings));
        }

        Settings = settings;
        _writer = new TensorWriter(settings.Normalization);
    }

    /// <summary>The sizes.</summary>
    public EvaluationSettings Settings { get; }

    /// <summary>Transforms one image.</summary>
    /// <param name="image">The decoded image.</param>
    /// <param name="tensor">Receives 3 × Size × Size floats: R, G, B planes, row by row.</param>
    public void Apply(RgbImage image, Span<float> tensor)
    {
        MakePlanes(image, tensor.Length);
        _writer.Write(_planes, flip: false, tensor);
    }

    /// <summary>Transforms one image into a picture, before it becomes a tensor.</summary>
    /// <param name="image">The decoded image.</param>
    /// <param name="picture">Receives Size × Size pixels.</param>
    public void ApplyAsPicture(RgbImage image, RgbImage picture)
    {
        MakePlanes(image, Settings.ValueCount);
        PixelLayout.Interleave(_planes, picture);
    }

    /// <summary>First row or column of a centre crop: half the difference, rounded half to even (P-83).</summary>
    /// <param name="length">Rows or columns of the image.</param>
    /// <param name="size">
    /// Rows or columns of the crop. When it is larger, the offset is negative: a black border.
    /// </param>
    public static int CenterOffset(int length, int size) => length >= size
        ? (int)Math.Round((length - size) / 2.0, MidpointRounding.ToEven)
        : -((size - length) / 2);

    /// <summary>
    /// The size an image is resized to: the shorter side as asked, the other in proportion, rounded down.
    /// </summary>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="shorterSide">Pixels of the shorter side afterwards.</param>
    public static (int Width, int Height) ResizedSize(int width, int height, int shorterSide) => width <= height
        ? (shorterSide, (int)((double)shorterSide * height / width))
        : ((int)((double)shorterSide * width / height), shorterSide);

    private void MakePlanes(RgbImage image, int valueCount)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (valueCount != Settings.ValueCount)
            throw new ArgumentException($"The result has {Settings.ValueCount} floats, not {valueCount}.");

        int size = Settings.Size;
        (int width, int height) = Settings.ShorterSide is { } shorter
            ? ResizedSize(image.Width, image.Height, shorter)
            : (image.Width, image.Height);
        PixelBox whole = PixelBox.Whole(image);
        if (Settings.SqueezeToSize)
        {
            _resampler.Resize(image, whole, width, height, _resized);
            _resampler.ResizeToPlanes(
                _resized, PixelBox.Whole(_resized), size, size, new PixelBox(0, 0, size, size), _planes);
            return;
        }

        PixelBox center = new(CenterOffset(width, size), CenterOffset(height, size), size, size);
        if (center.FitsInto(width, height))
        {
            _resampler.ResizeToPlanes(image, whole, width, height, center, _planes);
            return;
        }

        _resampler.Resize(image, whole, width, height, _resized);
        PixelLayout.Deinterleave(_resized, center, _planes);
    }
}
