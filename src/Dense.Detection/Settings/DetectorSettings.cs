namespace Dense.Detection.Settings;

/// <summary>Everything that a detector is built from (MODEL of a configuration).</summary>
public sealed record DetectorSettings
{
    /// <summary>Which detector.</summary>
    public DetectorKind Kind { get; init; }

    /// <summary>The bottom-up network (MODEL.BACKBONE, MODEL.RESNETS).</summary>
    public BackboneSettings Backbone { get; init; } = new();

    /// <summary>The feature pyramid (MODEL.FPN).</summary>
    public PyramidSettings Pyramid { get; init; } = new();

    /// <summary>MODEL.FCOS.</summary>
    public FcosSettings Fcos { get; init; } = new();

    /// <summary>MODEL.SOLOV2.</summary>
    public SoloV2Settings SoloV2 { get; init; } = new();

    /// <summary>COMPAT.</summary>
    public CompatibilitySettings Compatibility { get; init; } = new();

    /// <summary>
    /// Subtracted per channel, in the order of the image's channels, 0 to 255 (MODEL.PIXEL_MEAN, M-7).
    /// </summary>
    public IReadOnlyList<double> PixelMean { get; init; } = [103.53, 116.28, 123.675];

    /// <summary>Divides per channel (MODEL.PIXEL_STD, M-7).</summary>
    public IReadOnlyList<double> PixelStd { get; init; } = [1, 1, 1];
}
