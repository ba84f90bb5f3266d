namespace Dense.Training.Detection.Solver;

/// <summary>SOLVER.CLIP_GRADIENTS when it is enabled (E-83).</summary>
public sealed record GradientClipSettings
{
    /// <summary>CLIP_TYPE.</summary>
    public GradientClipKind Kind { get; init; }

    /// <summary>CLIP_VALUE.</summary>
    public double Limit { get; init; } = 1;

    /// <summary>p of the norm; infinity for the largest component (NORM_TYPE).</summary>
    public double NormType { get; init; } = 2;
}
