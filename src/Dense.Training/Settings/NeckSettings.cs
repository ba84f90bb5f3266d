namespace Dense.Training.Settings;

/// <summary>The projection behind the backbone (P-8, P-42).</summary>
public sealed record NeckSettings
{
    /// <summary>Its structure.</summary>
    public NeckKind Kind { get; init; } = NeckKind.Dense;

    /// <summary>Width of the hidden layers; null for that of the backbone's output (P-9).</summary>
    public int? HiddenChannels { get; init; }

    /// <summary>Side of the grid that the dense projection is pooled to; null for the backbone's own (P-34).</summary>
    public int? GridSide { get; init; }

    /// <summary>Whether the dense convolutions start from He's distribution, unlike the reference (P-15, P-205).</summary>
    public bool HeInitDense { get; init; }
}
