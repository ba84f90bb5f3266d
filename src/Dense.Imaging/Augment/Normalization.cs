namespace Dense.Imaging;

/// <summary>Per-channel standardisation of values in 0…1: (x − mean) / deviation, in float32 (P-95).</summary>
/// <param name="Mean">R, G, B.</param>
/// <param name="StandardDeviation">R, G, B; not 0.</param>
public readonly record struct Normalization(
    (float R, float G, float B) Mean, (float R, float G, float B) StandardDeviation)
{
    /// <summary>The constants of every ImageNet-style configuration (P-80).</summary>
    public static Normalization ImageNet { get; } = new((0.485f, 0.456f, 0.406f), (0.229f, 0.224f, 0.225f));

    /// <summary>The constants of the CIFAR-10 configuration (P-50).</summary>
    public static Normalization Cifar10 { get; } = new((0.4914f, 0.4822f, 0.4465f), (0.2023f, 0.1994f, 0.201f));

    /// <summary>Values in 0…1 as they are.</summary>
    public static Normalization None { get; } = new((0, 0, 0), (1, 1, 1));
}
