using TorchSharp.Modules;

namespace Dense.Torch;

/// <summary>A parameter with its checkpoint name.</summary>
/// <param name="Name">Its full name, such as <c>encoder_q.0.conv1.weight</c>.</param>
/// <param name="Parameter">The tensor that the module computes with.</param>
public readonly record struct NamedParameter(string Name, Parameter Parameter)
{
    /// <summary>Whether it learns.</summary>
    public bool Trainable => Parameter.requires_grad;
}
