namespace Dense.Imaging;

/// <summary>
/// How a training view is made of an image: crop, colour jitter, grey, blur, solarise, flip, to tensor, lighting,
/// normalise, in this order. The defaults are <see cref="DenseCl"/>.
/// </summary>
public sealed record ViewSettings
{
    /// <summary>DenseCL and MoCo-v2 (P-80).</summary>
    public static ViewSettings DenseCl { get; } = new();

    /// <summary>MoCo-v1: grey before a stronger jitter that always happens, no blur (P-81).</summary>
    public static ViewSettings MoCoV1 { get; } = new()
    {
        GrayscaleFirst = true,
        Jitter = new ColorJitterSettings(0.4, 0.4, 0.4, 0.4),
        BlurProbability = 0,
    };

    /// <summary>The supervised baseline on ImageNet: random resized crop and flip (P-49).</summary>
    public static ViewSettings Supervised { get; } = new()
    {
        Scale = new Interval(0.08, 1),
        Jitter = null,
        GrayscaleProbability = 0,
        BlurProbability = 0,
    };

    /// <summary>The supervised baseline on CIFAR-10: crop 32 from a border of 4, and flip (P-50).</summary>
    public static ViewSettings Cifar10 { get; } = Supervised with
    {
        CropMethod = CropMethod.Padded,
        CropSize = 32,
        CropPadding = 4,
        Normalization = Normalization.Cifar10,
    };

    /// <summary>How the window is chosen.</summary>
    public CropMethod CropMethod { get; init; } = CropMethod.RandomResized;

    /// <summary>Side of the square view in pixels.</summary>
    public int CropSize { get; init; } = 224;

    /// <summary>Black border in pixels; used by <see cref="CropMethod.Padded"/> only.</summary>
    public int CropPadding { get; init; }

    /// <summary>
    /// Share of the image's area that the window covers; used by <see cref="CropMethod.RandomResized"/> only.
    /// </summary>
    public Interval Scale { get; init; } = new(0.2, 1);

    /// <summary>Width over height of the window; used by <see cref="CropMethod.RandomResized"/> only.</summary>
    public Interval Ratio { get; init; } = new(3.0 / 4, 4.0 / 3);

    /// <summary>Colour jitter, or <see langword="null"/> for none.</summary>
    public ColorJitterSettings? Jitter { get; init; } = new(0.4, 0.4, 0.4, 0.1, Probability: 0.8);

    /// <summary>How often a view loses its colours.</summary>
    public double GrayscaleProbability { get; init; } = 0.2;

    /// <summary>Whether the grey step comes before the jitter, as in MoCo-v1 (P-81), instead of after it.</summary>
    public bool GrayscaleFirst { get; init; }

    /// <summary>How often a view is blurred.</summary>
    public double BlurProbability { get; init; } = 0.5;

    /// <summary>Standard deviation of the blur in pixels of the view.</summary>
    public Interval BlurSigma { get; init; } = new(0.1, 2);

    /// <summary>How often a view is solarised: values from 128 up are inverted (P-84).</summary>
    public double SolarizeProbability { get; init; }

    /// <summary>How often a view is mirrored left to right.</summary>
    public double FlipProbability { get; init; } = 0.5;

    /// <summary>Standard deviation of the weights of PCA lighting, 0.1 where it is used (P-84); 0 for none.</summary>
    public double LightingDeviation { get; init; }

    /// <summary>The standardisation of the channels.</summary>
    public Normalization Normalization { get; init; } = Normalization.ImageNet;

    /// <summary>Floats in one view: 3 × CropSize × CropSize.</summary>
    public int ValueCount => 3 * CropSize * CropSize;

    /// <summary>Lists what is wrong with these settings, one sentence each; empty when they can be used.</summary>
    public IReadOnlyList<string> Problems()
    {
        List<string> problems = [];
        Require(CropSize is > 0 and <= 8192, $"CropSize is {CropSize}, expected 1 to 8192.");
        Require(CropPadding is >= 0 and <= 8192, $"CropPadding is {CropPadding}, expected 0 to 8192.");
        Require(Scale.Low > 0 && Scale.Low <= Scale.High, $"Scale is {Scale}, expected 0 < low ≤ high.");
        Require(Ratio.Low > 0 && Ratio.Low <= Ratio.High, $"Ratio is {Ratio}, expected 0 < low ≤ high.");
        Require(
            BlurSigma.Low >= 0 && BlurSigma.Low <= BlurSigma.High && BlurSigma.High <= 100,
            $"BlurSigma is {BlurSigma}, expected 0 ≤ low ≤ high ≤ 100.");
        Require(LightingDeviation is >= 0 and <= 10, $"LightingDeviation is {LightingDeviation}, expected 0 to 10.");
        RequireProbability(GrayscaleProbability, nameof(GrayscaleProbability));
        RequireProbability(BlurProbability, nameof(BlurProbability));
        RequireProbability(SolarizeProbability, nameof(SolarizeProbability));
        RequireProbability(FlipProbability, nameof(FlipProbability));
        if (Jitter is { } jitter)
        {
            RequireProbability(jitter.Probability, "Jitter.Probability");
            Require(jitter.Hue is >= 0 and <= 0.5, $"Jitter.Hue is {jitter.Hue}, expected 0 to 0.5.");
            Require(
                jitter.Brightness >= 0 && jitter.Contrast >= 0 && jitter.Saturation >= 0,
                $"{jitter} has a negative strength.");
        }

        return problems;

        void Require(bool condition, string problem)
        {
            if (!condition)
                problems.Add(problem);
        }

        void RequireProbability(double p, string name) =>
            Require(p is >= 0 and <= 1, $"{name} is {p}, expected 0 to 1.");
    }

    /// <summary>Throws when the settings cannot be used.</summary>
    /// <exception cref="ArgumentException">Names every problem.</exception>
    internal void Validate()
    {
        IReadOnlyList<string> problems = Problems();
        if (problems.Count > 0)
            throw new ArgumentException($"View settings cannot be used: {string.Join(' ', problems)}");
    }
}
