using Dense.Imaging;

namespace Dense.Training.Detection.Data.Mapping;

/// <summary>Draws how a training image is transformed (E-108, E-109, E-112, E-116).</summary>
internal static class TransformSampler
{
    private const float FlipProbability = 0.5f;

    /// <summary>Draws the crop, then the size, then whether to mirror.</summary>
    /// <param name="random">The image's own source of draws.</param>
    /// <param name="image">The annotations; a crop is placed around one of them.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="settings">What may be drawn.</param>
    public static ImageTransform Draw(
        ref SampleRandom random, ImageRecord image, int height, int width, DetectionDataSettings settings)
    {
        PixelBox crop = settings.Crop.Enabled
            ? CropSampler.Draw(ref random, image, height, width, settings.Crop)
            : new PixelBox(0, 0, width, height);
        int length = DrawLength(ref random, settings);
        (int newHeight, int newWidth) = ShortestEdge.Fit(crop.Height, crop.Width, length, settings.MaxSizeTrain);
        bool flip = settings.Flip && random.NextUnit() < FlipProbability;
        return new ImageTransform(crop, newHeight, newWidth, flip);
    }

    /// <summary>The transform of evaluation, which draws nothing.</summary>
    public static ImageTransform ForEvaluation(int height, int width, DetectionDataSettings settings)
    {
        (int newHeight, int newWidth) =
            ShortestEdge.Fit(height, width, settings.MinSizeTest, settings.MaxSizeTest);
        return new ImageTransform(new PixelBox(0, 0, width, height), newHeight, newWidth, Flip: false);
    }

    private static int DrawLength(ref SampleRandom random, DetectionDataSettings settings)
    {
        IReadOnlyList<int> sizes = settings.MinSizeTrain;
        return settings.Sampling == SizeSampling.Choice
            ? sizes[random.NextInteger(sizes.Count)]
            : sizes[0] + random.NextInteger(sizes[1] - sizes[0] + 1);
    }
}
