namespace Dense.Pretraining;

/// <summary>Options of a <see cref="DenseClNeck"/> (P-8, P-9).</summary>
public sealed record DenseClNeckSettings
{
    /// <summary>Channels of the backbone's last feature map; 512 for 18 and 34 layers.</summary>
    public int InChannels { get; init; } = 2048;

    /// <summary>Width of the hidden layers.</summary>
    public int HiddenChannels { get; init; } = 2048;

    /// <summary>Length C of the embeddings.</summary>
    public int OutChannels { get; init; } = 128;

    /// <summary>Side s of the grid to which the feature map is averaged; null keeps the map's own grid
    /// (P-34).</summary>
    public int? NumGrid { get; init; }

    /// <summary>
    /// Whether the dense branch starts like the global one. The published method leaves it at the framework's default,
    /// uniform in ±1/sqrt(fan-in) (P-15, P-205).
    /// </summary>
    public bool HeInitialisedGrid { get; init; }
}
