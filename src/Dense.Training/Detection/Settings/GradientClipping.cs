namespace Dense.Training.Detection.Settings;

/// <summary>SOLVER.CLIP_GRADIENTS, applied to each parameter separately (E-83).</summary>
/// <param name="ByNorm">Whether the gradient's norm is limited (<c>norm</c>) or each element (<c>value</c>).</param>
/// <param name="Limit">CLIP_VALUE.</param>
/// <param name="NormType">p of the p-norm; infinity for the largest magnitude (NORM_TYPE).</param>
public sealed record GradientClipping(bool ByNorm, double Limit, double NormType);
