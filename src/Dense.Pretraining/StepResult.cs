using static TorchSharp.torch;

namespace Dense.Pretraining;

/// <summary>What a step computed; all tensors belong to the caller's dispose scope.</summary>
/// <param name="Total">The loss to differentiate, 0-dimensional.</param>
/// <param name="Losses">The terms of the log as the reference names them (P-29, P-40, P-48), the total as <c>loss</c>
/// last.</param>
/// <param name="Figures">Further figures (P-140); empty unless asked for.</param>
public sealed record StepResult(Tensor Total, IReadOnlyList<NamedScalar> Losses, IReadOnlyList<NamedScalar> Figures);
