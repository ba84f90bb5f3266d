namespace Dense.Models.Layers;

/// <summary>Which images the statistics of a <see cref="BatchNormLayer"/> are taken over in training.</summary>
public enum BatchStatistics
{
    /// <summary>The images of the process.</summary>
    Process,

    /// <summary>The images of all processes, every pixel with the same weight (M-30).</summary>
    AllPixels,

    /// <summary>The images of all processes, every process with the same weight (M-32).</summary>
    AllProcesses,
}
