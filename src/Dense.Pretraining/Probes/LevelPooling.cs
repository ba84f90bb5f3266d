namespace Dense.Pretraining.Probes;

/// <summary>How <see cref="MultiLevelHead"/> averages the feature map of one level (P-154).</summary>
/// <param name="MapSide">Rows and columns of the map of a 224×224 view.</param>
/// <param name="Kernel">Side of a window.</param>
/// <param name="Stride">Distance of windows.</param>
/// <param name="Padding">Zeros around the map, which count in the averages.</param>
public readonly record struct LevelPooling(int MapSide, int Kernel, int Stride, int Padding)
{
    /// <summary>Rows and columns of what results.</summary>
    public int Side => ((MapSide + (2 * Padding) - Kernel) / Stride) + 1;
}
