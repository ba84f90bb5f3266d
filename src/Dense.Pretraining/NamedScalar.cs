using static TorchSharp.torch;

namespace Dense.Pretraining;

/// <summary>A number of the log that still lies on the device, so that computing it waits for nothing
/// (P-221).</summary>
/// <param name="Name">As the log calls it, such as <c>loss_contra_dense</c>.</param>
/// <param name="Value">0-dimensional, without gradient.</param>
public readonly record struct NamedScalar(string Name, Tensor Value);
