namespace Dense.Training.Settings;

/// <summary>How images are prepared for validation and for probes (P-82).</summary>
public sealed record EvaluationViewSettings
{
    /// <summary>Pixels of the shorter side after resizing.</summary>
    public int ResizeShorter { get; init; } = 256;

    /// <summary>Pixels of the square that is cut from the centre.</summary>
    public int CropSize { get; init; } = 224;
}
