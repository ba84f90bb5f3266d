namespace Dense.Detection;

/// <summary>
/// One image as a detector takes it, and for training what is to be found in it (M-5). Lives on the host.
/// </summary>
public sealed record InputImage
{
    /// <summary>3×H×W samples, 0 to 255, channels in the order of INPUT.FORMAT.</summary>
    public required byte[] Pixels { get; init; }

    /// <summary>H of <see cref="Pixels"/>.</summary>
    public required int Height { get; init; }

    /// <summary>W of <see cref="Pixels"/>.</summary>
    public required int Width { get; init; }

    /// <summary>Height of the original file; detections are given in its pixels.</summary>
    public required int OriginalHeight { get; init; }

    /// <summary>Width of the original file.</summary>
    public required int OriginalWidth { get; init; }

    /// <summary>The image's id in its data set.</summary>
    public long ImageId { get; init; }

    /// <summary>Where the image was read from.</summary>
    public string FileName { get; init; } = "";

    /// <summary>What is to be found, in the coordinates of <see cref="Pixels"/>; null when not training.</summary>
    public GroundTruth? GroundTruth { get; init; }
}
