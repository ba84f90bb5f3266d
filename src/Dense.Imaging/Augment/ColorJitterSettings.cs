namespace Dense.Imaging;

/// <summary>
/// Strengths of the colour jitter (P-80, P-93). A factor is drawn from [max(0, 1 − s), 1 + s], the hue shift from [−s,
/// s]; strength 0 leaves an operation out.
/// </summary>
/// <param name="Brightness">At least 0.</param>
/// <param name="Contrast">At least 0.</param>
/// <param name="Saturation">At least 0.</param>
/// <param name="Hue">In turns of the colour circle, 0…0.5.</param>
/// <param name="Probability">How often the jitter is applied at all. At 1 no gate is drawn.</param>
public sealed record ColorJitterSettings(
    double Brightness, double Contrast, double Saturation, double Hue, double Probability = 1);
