namespace Dense.Imaging;

/// <summary>The drawn parameters of one colour jitter. A factor that is absent leaves its operation out.</summary>
/// <param name="First">The operation applied first.</param>
/// <param name="Second">The operation applied second.</param>
/// <param name="Third">The operation applied third.</param>
/// <param name="Fourth">The operation applied last.</param>
/// <param name="Brightness">At least 0; 1 changes nothing.</param>
/// <param name="Contrast">At least 0; 1 changes nothing.</param>
/// <param name="Saturation">At least 0; 1 changes nothing.</param>
/// <param name="Hue">Turns of the colour circle, −0.5…0.5. 0 still rounds through HSV (P-92).</param>
public readonly record struct ColorJitter(
    JitterOperation First,
    JitterOperation Second,
    JitterOperation Third,
    JitterOperation Fourth,
    float? Brightness,
    float? Contrast,
    float? Saturation,
    float? Hue);
