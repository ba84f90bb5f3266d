using Dense.Configuration.Reading;
using Dense.Imaging;

namespace Dense.Training.Settings;

/// <summary>
/// Reads the sections <c>AUGMENTATION</c> and <c>EVALUATION</c>: how images become tensors. Keys that are not set
/// take the value of the preset.
/// </summary>
internal static class ViewSettingsReader
{
    public static ViewSettings Read(ConfigurationReader reader)
    {
        ViewSettings preset = reader.Choice("PRESET", ViewSettings.DenseCl,
            ("DenseCL", ViewSettings.DenseCl), ("MoCoV1", ViewSettings.MoCoV1),
            ("Supervised", ViewSettings.Supervised), ("CIFAR10", ViewSettings.Cifar10));
        return new ViewSettings
        {
            CropMethod = reader.Choice("CROP", preset.CropMethod,
                ("RandomResized", CropMethod.RandomResized), ("Padded", CropMethod.Padded)),
            CropSize = reader.Int("CROP_SIZE", preset.CropSize, Bounds.Between(1, 8192)),
            CropPadding = reader.Int("CROP_PADDING", preset.CropPadding, Bounds.Between(0, 8192)),
            Scale = ReadInterval(reader, "CROP_SCALE", preset.Scale, Bounds.Between(1e-6, 1)),
            Ratio = ReadInterval(reader, "CROP_RATIO", preset.Ratio, Bounds.Between(1e-3, 1e3)),
            Jitter = ReadJitter(reader, preset.Jitter),
            GrayscaleProbability = reader.Float("GRAYSCALE_PROB", preset.GrayscaleProbability, Bounds.Between(0, 1)),
            GrayscaleFirst = reader.Bool("GRAYSCALE_FIRST", preset.GrayscaleFirst),
            BlurProbability = reader.Float("BLUR_PROB", preset.BlurProbability, Bounds.Between(0, 1)),
            BlurSigma = ReadInterval(reader, "BLUR_SIGMA", preset.BlurSigma, Bounds.Between(0, 100)),
            SolarizeProbability = reader.Float("SOLARIZE_PROB", preset.SolarizeProbability, Bounds.Between(0, 1)),
            FlipProbability = reader.Float("FLIP_PROB", preset.FlipProbability, Bounds.Between(0, 1)),
            LightingDeviation = reader.Float("LIGHTING_STD", preset.LightingDeviation, Bounds.Between(0, 10)),
            Normalization = ReadNormalization(reader, preset.Normalization),
        };
    }

    public static EvaluationSettings ReadEvaluation(ConfigurationReader reader)
    {
        EvaluationSettings published = EvaluationSettings.CenterCrop;
        var settings = new EvaluationSettings
        {
            ShorterSide = reader.OptionalInt("RESIZE", published.ShorterSide, Bounds.Between(1, 8192)),
            Size = reader.Int("CROP_SIZE", published.Size, Bounds.Between(1, 8192)),
        };
        if (settings.Size > settings.ShorterSide)
        {
            reader.Fail("CROP_SIZE",
                $"expected at most EVALUATION.RESIZE, which is {settings.ShorterSide}, found {settings.Size}.");
        }

        return settings;
    }

    // One list of four strengths; a probability of 0 leaves the step out.
    private static ColorJitterSettings? ReadJitter(ConfigurationReader reader, ColorJitterSettings? preset)
    {
        ColorJitterSettings strengths = preset ?? ViewSettings.DenseCl.Jitter!;
        double[] published = [strengths.Brightness, strengths.Contrast, strengths.Saturation, strengths.Hue];
        IReadOnlyList<double> found = Exactly(reader, "JITTER", published, Bounds.NotNegative);
        double probability = reader.Float("JITTER_PROB", preset?.Probability ?? 0, Bounds.Between(0, 1));
        if (found[3] > 0.5)
            reader.Fail("JITTER", $"expected a hue (the last number) between 0 and 0.5 turns, found {found[3]}.");

        return probability > 0 ? new ColorJitterSettings(found[0], found[1], found[2], found[3], probability) : null;
    }

    private static Interval ReadInterval(ConfigurationReader reader, string key, Interval preset, Bounds bounds)
    {
        IReadOnlyList<double> ends = Exactly(reader, key, [preset.Low, preset.High], bounds);
        if (ends[0] > ends[1])
            reader.Fail(key, $"expected the lower end first, found [{ends[0]}, {ends[1]}].");

        return new Interval(ends[0], ends[1]);
    }

    private static Normalization ReadNormalization(ConfigurationReader reader, Normalization preset)
    {
        (float R, float G, float B) mean = preset.Mean;
        (float R, float G, float B) deviation = preset.StandardDeviation;
        return new Normalization(
            Triple(Exactly(reader, "MEAN", [Exact(mean.R), Exact(mean.G), Exact(mean.B)], Bounds.Between(-1e3, 1e3))),
            Triple(Exactly(reader, "STD",
                [Exact(deviation.R), Exact(deviation.G), Exact(deviation.B)], Bounds.Between(1e-6, 1e3))));
    }

    private static IReadOnlyList<double> Exactly(
        ConfigurationReader reader, string key, double[] preset, Bounds bounds)
    {
        IReadOnlyList<double> found = reader.Floats(key, preset, bounds);
        if (found.Count == preset.Length)
            return found;

        reader.Fail(key, $"expected {preset.Length} numbers, found {found.Count}.");
        return preset;
    }

    private static (float R, float G, float B) Triple(IReadOnlyList<double> v) =>
        ((float)v[0], (float)v[1], (float)v[2]);

    // 0.485f is 0.48500001430511475 as a double; the shortest decimal that gives the float back is what people write.
    private static double Exact(float value) => (double)(decimal)value;
}
