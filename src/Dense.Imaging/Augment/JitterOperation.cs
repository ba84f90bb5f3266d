namespace Dense.Imaging;

/// <summary>The four adjustments of the colour jitter, numbered as in the reference's permutation (P-93).</summary>
public enum JitterOperation
{
    /// <summary>Blend with black.</summary>
    Brightness,

    /// <summary>Blend with the mean grey.</summary>
    Contrast,

    /// <summary>Blend with the pixel's own grey.</summary>
    Saturation,

    /// <summary>Turn the colour circle.</summary>
    Hue,
}
