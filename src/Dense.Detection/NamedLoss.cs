using static TorchSharp.torch;

namespace Dense.Detection;

/// <summary>One term of the training loss; the total is the plain sum (M-67, M-105).</summary>
/// <param name="Name">Its name in logs, such as <c>loss_fcos_cls</c>.</param>
/// <param name="Value">0-dimensional, connected to the graph.</param>
public readonly record struct NamedLoss(string Name, Tensor Value);
