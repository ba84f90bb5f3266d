namespace Dense.Training.Detection.Solver;

/// <summary>How gradients are clipped, each parameter by itself (CLIP_GRADIENTS.CLIP_TYPE, E-83).</summary>
public enum GradientClipKind
{
    /// <summary><c>value</c>: every component into ±limit.</summary>
    Value,

    /// <summary><c>norm</c>: the norm down to the limit.</summary>
    Norm,
}
