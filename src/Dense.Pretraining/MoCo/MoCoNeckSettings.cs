namespace Dense.Pretraining;

/// <summary>Options of a <see cref="MoCoNeck"/>.</summary>
public sealed record MoCoNeckSettings
{
    /// <summary>Which projection.</summary>
    public MoCoNeckKind Kind { get; init; } = MoCoNeckKind.NonLinearV1;

    /// <summary>Channels of the backbone's last feature map; 512 for 18 and 34 layers.</summary>
    public int InChannels { get; init; } = 2048;

    /// <summary>Width of the hidden layer; unused by <see cref="MoCoNeckKind.Linear"/>.</summary>
    public int HiddenChannels { get; init; } = 2048;

    /// <summary>Length of the embedding.</summary>
    public int OutChannels { get; init; } = 128;

    /// <summary>Linear layers of <see cref="MoCoNeckKind.SimClr"/>, at least 1.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Whether the mean over positions comes first; without it the positions are flattened into
    /// channels.</summary>
    public bool WithAveragePool { get; init; } = true;
}
