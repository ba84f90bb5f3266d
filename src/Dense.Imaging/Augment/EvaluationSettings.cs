namespace Dense.Imaging;

/// <summary>
/// How an image becomes a tensor when nothing is random: shorter side resized, then either the centre cut out or the
/// whole squeezed to a square. The defaults are those of ImageNet validation (P-82).
/// </summary>
public sealed record EvaluationSettings
{
    /// <summary>Resize 256, centre crop 224 (P-82).</summary>
    public static EvaluationSettings CenterCrop { get; } = new();

    /// <summary>Feature extraction for the SVM probe: resize 256, then resize to exactly 224 × 224 (P-82).</summary>
    public static EvaluationSettings Squeeze { get; } = new() { SqueezeToSize = true };

    /// <summary>CIFAR-10 validation: 32 × 32 as it is.</summary>
    public static EvaluationSettings Cifar10 { get; } =
        new() { ShorterSide = null, Size = 32, Normalization = Normalization.Cifar10 };

    /// <summary>
    /// Pixels of the shorter side after the first resize; <see langword="null"/> leaves the image as it is.
    /// </summary>
    public int? ShorterSide { get; init; } = 256;

    /// <summary>Side of the square result.</summary>
    public int Size { get; init; } = 224;

    /// <summary>Whether the resized image is resized once more to the square instead of cropped.</summary>
    public bool SqueezeToSize { get; init; }

    /// <summary>The standardisation of the channels.</summary>
    public Normalization Normalization { get; init; } = Normalization.ImageNet;

    /// <summary>Floats in one result: 3 × Size × Size.</summary>
    public int ValueCount => 3 * Size * Size;
}
