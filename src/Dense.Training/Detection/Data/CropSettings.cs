namespace Dense.Training.Detection.Data;

/// <summary>INPUT.CROP (E-116).</summary>
public sealed record CropSettings
{
    /// <summary>ENABLED.</summary>
    public bool Enabled { get; init; }

    /// <summary>TYPE.</summary>
    public CropKind Kind { get; init; } = CropKind.RelativeRange;

    /// <summary>The two numbers of SIZE: height and width, or for <see cref="CropKind.AbsoluteRange"/> the smallest
    /// and the largest side.</summary>
    public (double First, double Second) Size { get; init; } = (0.9, 0.9);

    /// <summary>
    /// Whether a crop may cut through objects (CROP_INSTANCE); otherwise it grows until it cuts none.
    /// </summary>
    public bool CutsObjects { get; init; } = true;
}
