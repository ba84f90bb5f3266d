using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dense.Detection;

/// <summary>One line of a detector's state dictionary.</summary>
/// <param name="Name">Its name in detectron2's files, such as
/// <c>backbone.bottom_up.res2.0.conv1.norm.weight</c>.</param>
/// <param name="Tensor">What the network computes with; it stays the network's.</param>
/// <param name="IsNorm">Whether it belongs to a normalisation layer, whose parameters have a weight decay of their own
/// (M-129, E-80).</param>
public sealed record DetectorEntry(string Name, Tensor Tensor, bool IsNorm)
{
    /// <summary>Whether it is a parameter; otherwise a buffer.</summary>
    public bool IsParameter => Tensor is Parameter;

    /// <summary>Whether an optimiser changes it: a parameter that is not frozen (E-78).</summary>
    public bool Trainable => IsParameter && Tensor.requires_grad;

    /// <summary>Whether its own name is <c>bias</c> (E-80).</summary>
    public bool IsBias => Name.EndsWith(".bias", StringComparison.Ordinal);
}
