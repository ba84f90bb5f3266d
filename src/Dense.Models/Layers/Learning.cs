using static TorchSharp.torch;

namespace Dense.Models.Layers;

/// <summary>Switches parameters between learning and frozen.</summary>
public static class Learning
{
    /// <summary>Sets whether all parameters of a module get gradients.</summary>
    public static void SetLearning(this nn.Module module, bool learns)
    {
        foreach (var parameter in module.parameters())
            parameter.requires_grad_(learns);
    }
}
