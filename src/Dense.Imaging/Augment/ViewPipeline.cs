namespace Dense.Imaging;

/// <summary>
/// Makes training views: crop and resize, jitter, grey, blur, solarise, flip, to tensor, lighting, normalise, each bit
/// for bit as Pillow and torchvision do (P-4, P-80 … P-95). Owns its scratch memory: one per thread; no allocation per
/// view.
/// </summary>
public sealed class ViewPipeline
{
    private const int SolarizeThreshold = 128;

    private readonly BilinearResampler _resampler = new();
    private readonly GaussianBlur _blur = new();
    private readonly PlanarImage _planes = new();
    private readonly TensorWriter _writer;

    /// <summary>Creates a pipeline.</summary>
    /// <param name="settings">What views are made of.</param>
    /// <exception cref="ArgumentException">The settings cannot be used; names every problem.</exception>
    public ViewPipeline(ViewSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validate();
        Settings = settings;
        _writer = new TensorWriter(settings.Normalization);
    }

    /// <summary>What views are made of.</summary>
    public ViewSettings Settings { get; }

    /// <summary>Draws the parameters of one view and applies them.</summary>
    /// <param name="image">The decoded image.</param>
    /// <param name="random">The view's random source.</param>
    /// <param name="tensor">Receives 3 × CropSize × CropSize floats: R, G, B planes, row by row.</param>
    /// <returns>What was drawn.</returns>
    public ViewParameters Make<TSource>(RgbImage image, ref TSource random, Span<float> tensor)
        where TSource : struct, IRandomSource
    {
        ArgumentNullException.ThrowIfNull(image);
        ViewParameters parameters = ViewSampler.Draw(Settings, image.Width, image.Height, ref random);
        Apply(image, parameters, tensor);
        return parameters;
    }

    /// <summary>Makes the view that some parameters describe.</summary>
    /// <param name="image">The decoded image.</param>
    /// <param name="parameters">The view's parameters; the crop lies within the image.</param>
    /// <param name="tensor">Receives 3 × CropSize × CropSize floats: R, G, B planes, row by row.</param>
    public void Apply(RgbImage image, in ViewParameters parameters, Span<float> tensor)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (tensor.Length != Settings.ValueCount)
            throw new ArgumentException($"Expected {Settings.ValueCount} floats, not {tensor.Length}.", nameof(tensor));

        MakePlanes(image, parameters);
        if (parameters.Lighting is { } lighting)
            _writer.Write(_planes, parameters.Flip, lighting, tensor);
        else
            _writer.Write(_planes, parameters.Flip, tensor);
    }

    /// <summary>Makes the view as a picture, before it becomes a tensor.</summary>
    /// <param name="image">The decoded image.</param>
    /// <param name="parameters">The view's parameters; the crop lies within the image.</param>
    /// <param name="picture">Receives CropSize × CropSize pixels.</param>
    public void ApplyAsPicture(RgbImage image, in ViewParameters parameters, RgbImage picture)
    {
        ArgumentNullException.ThrowIfNull(image);
        MakePlanes(image, parameters);
        PixelLayout.Interleave(_planes, picture);
        if (parameters.Flip)
            PixelLayout.Mirror(picture);
    }

    private void MakePlanes(RgbImage image, in ViewParameters parameters)
    {
        int size = Settings.CropSize;
        if (Settings.CropMethod == CropMethod.Padded)
            PixelLayout.Deinterleave(image, parameters.Crop, _planes);
        else
            _resampler.ResizeToPlanes(image, parameters.Crop, size, size, new PixelBox(0, 0, size, size), _planes);

        if (parameters.Grayscale && Settings.GrayscaleFirst)
            Luma.ReplaceColors(_planes);
        if (parameters.Jitter is { } jitter)
            ApplyJitter(_planes, jitter);
        if (parameters.Grayscale && !Settings.GrayscaleFirst)
            Luma.ReplaceColors(_planes);
        if (parameters.BlurSigma is { } sigma)
            _blur.Run(_planes, (float)sigma);
        if (parameters.Solarize)
            Solarize(_planes.All);
    }

    /// <summary>Applies the operations of a colour jitter in their order.</summary>
    internal static void ApplyJitter(PlanarImage image, in ColorJitter jitter)
    {
        ApplyOperation(image, jitter.First, jitter);
        ApplyOperation(image, jitter.Second, jitter);
        ApplyOperation(image, jitter.Third, jitter);
        ApplyOperation(image, jitter.Fourth, jitter);
    }

    private static void ApplyOperation(PlanarImage image, JitterOperation operation, in ColorJitter jitter)
    {
        switch (operation)
        {
            case JitterOperation.Brightness when jitter.Brightness is { } factor:
                Blend.Brightness(image, factor);
                break;
            case JitterOperation.Contrast when jitter.Contrast is { } factor:
                Blend.Contrast(image, factor);
                break;
            case JitterOperation.Saturation when jitter.Saturation is { } factor:
                Blend.Saturation(image, factor);
                break;
            case JitterOperation.Hue when jitter.Hue is { } factor:
                Hue.Shift(image, Hue.Steps(factor));
                break;
        }
    }

    private static void Solarize(Span<byte> values)
    {
        foreach (ref byte v in values)
            v = v >= SolarizeThreshold ? (byte)(255 - v) : v;
    }
}
