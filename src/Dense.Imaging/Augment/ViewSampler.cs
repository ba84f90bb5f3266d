namespace Dense.Imaging;

/// <summary>Draws the parameters of a view, in the order of the reference (P-85, P-93, P-97).</summary>
public static class ViewSampler
{
    private const int CropAttempts = 10;

    /// <summary>Draws everything random about one view of an image.</summary>
    /// <param name="settings">Valid settings.</param>
    /// <param name="width">Columns of the image, at least 1.</param>
    /// <param name="height">Rows of the image, at least 1.</param>
    /// <param name="random">The source to draw from.</param>
    public static ViewParameters Draw<TSource>(ViewSettings settings, int width, int height, ref TSource random)
        where TSource : struct, IRandomSource
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);

        PixelBox crop = settings.CropMethod == CropMethod.Padded
            ? DrawPaddedCrop(settings, width, height, ref random)
            : DrawResizedCrop(settings.Scale, settings.Ratio, width, height, ref random);

        bool gray = settings.GrayscaleFirst && Happens(settings.GrayscaleProbability, false, ref random);
        ColorJitter? jitter = null;
        if (settings.Jitter is { } j && Happens(j.Probability, true, ref random))
            jitter = DrawJitter(j, ref random);
        if (!settings.GrayscaleFirst)
            gray = Happens(settings.GrayscaleProbability, false, ref random);

        double? sigma = null;
        if (Happens(settings.BlurProbability, true, ref random))
        {
            (double low, double high) = settings.BlurSigma;
            sigma = low + ((high - low) * random.NextBlurUnit());
        }

        bool solarize = Happens(settings.SolarizeProbability, false, ref random);
        bool flip = Happens(settings.FlipProbability, false, ref random);
        Lighting? lighting = settings.LightingDeviation > 0
            ? DrawLighting(settings.LightingDeviation, ref random)
            : null;
        return new ViewParameters(crop, jitter, gray, sigma, solarize, flip, lighting);
    }

    /// <summary>Draws the window of a random resized crop (P-85).</summary>
    /// <param name="scale">Share of the image's area.</param>
    /// <param name="ratio">Width over height.</param>
    /// <param name="width">Columns of the image, at least 1.</param>
    /// <param name="height">Rows of the image, at least 1.</param>
    /// <param name="random">The source to draw from.</param>
    public static PixelBox DrawResizedCrop<TSource>(
        Interval scale, Interval ratio, int width, int height, ref TSource random)
        where TSource : struct, IRandomSource
    {
        double area = (double)width * height;
        Interval logRatio = new(MathF.Log((float)ratio.Low), MathF.Log((float)ratio.High));
        for (int attempt = 0; attempt < CropAttempts; attempt++)
        {
            double target = area * random.NextUniform(scale);
            double aspect = MathF.Exp(random.NextUniform(logRatio));
            double w = Math.Round(Math.Sqrt(target * aspect), MidpointRounding.ToEven);
            double h = Math.Round(Math.Sqrt(target / aspect), MidpointRounding.ToEven);
            if (w > 0 && w <= width && h > 0 && h <= height)
            {
                int top = random.NextInteger(height - (int)h + 1);
                int left = random.NextInteger(width - (int)w + 1);
                return new PixelBox(left, top, (int)w, (int)h);
            }
        }

        return CentralCrop(ratio, width, height);
    }

    /// <summary>Draws order and factors of a colour jitter (P-93).</summary>
    /// <param name="settings">The strengths.</param>
    /// <param name="random">The source to draw from.</param>
    public static ColorJitter DrawJitter<TSource>(ColorJitterSettings settings, ref TSource random)
        where TSource : struct, IRandomSource
    {
        ArgumentNullException.ThrowIfNull(settings);
        Span<int> order = stackalloc int[4];
        random.NextPermutation(order);
        return new ColorJitter(
            (JitterOperation)order[0],
            (JitterOperation)order[1],
            (JitterOperation)order[2],
            (JitterOperation)order[3],
            DrawFactor(settings.Brightness, ref random),
            DrawFactor(settings.Contrast, ref random),
            DrawFactor(settings.Saturation, ref random),
            settings.Hue > 0 ? random.NextUniform(new Interval(-settings.Hue, settings.Hue)) : null);
    }

    private static Lighting DrawLighting<TSource>(double deviation, ref TSource random)
        where TSource : struct, IRandomSource =>
        new(
            (float)(deviation * random.NextNormal()),
            (float)(deviation * random.NextNormal()),
            (float)(deviation * random.NextNormal()));

    private static float? DrawFactor<TSource>(double strength, ref TSource random)
        where TSource : struct, IRandomSource =>
        strength > 0 ? random.NextUniform(new Interval(Math.Max(0, 1 - strength), 1 + strength)) : null;

    private static PixelBox DrawPaddedCrop<TSource>(ViewSettings settings, int width, int height, ref TSource random)
        where TSource : struct, IRandomSource
    {
        int size = settings.CropSize, padding = settings.CropPadding;
        int freeRows = Math.Max(height + (2 * padding) - size, 0);
        int freeColumns = Math.Max(width + (2 * padding) - size, 0);
        int top = random.NextInteger(freeRows + 1);
        int left = random.NextInteger(freeColumns + 1);
        return new PixelBox(left - padding, top - padding, size, size);
    }

    // When no window was accepted: the largest one of an allowed ratio, in the middle.
    private static PixelBox CentralCrop(Interval ratio, int width, int height)
    {
        int w = width, h = height;
        double own = (double)width / height;
        if (own < ratio.Low)
            h = (int)Math.Round(w / ratio.Low, MidpointRounding.ToEven);
        else if (own > ratio.High)
            w = (int)Math.Round(h * ratio.High, MidpointRounding.ToEven);
        w = Math.Clamp(w, 1, width);
        h = Math.Clamp(h, 1, height);
        return new PixelBox((width - w) / 2, (height - h) / 2, w, h);
    }

    // The reference's two kinds of gate differ when the unit equals the probability; certain outcomes draw nothing.
    private static bool Happens<TSource>(double probability, bool atEquality, ref TSource random)
        where TSource : struct, IRandomSource
    {
        if (probability is <= 0 or >= 1)
            return probability >= 1;

        float unit = random.NextUnit();
        return unit < probability || (atEquality && unit == (float)probability);
    }
}
