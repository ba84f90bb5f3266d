using static TorchSharp.torch;

namespace Dense.Torch;

/// <summary>
/// Enumerates what a module holds in the order of PyTorch's <c>state_dict</c>: own parameters, own buffers, then child
/// by child. (TorchSharp lists all parameters before all buffers.)
/// </summary>
public static class ModuleState
{
    /// <summary>Parameters and buffers with their full names. The tensors stay the module's.</summary>
    /// <param name="module">Any module.</param>
    /// <param name="prefix">Put before each name, its dot included.</param>
    public static IEnumerable<(string Name, Tensor Tensor)> Tensors(nn.Module module, string prefix = "")
    {
        foreach (var (name, parameter) in module.named_parameters(recurse: false))
            yield return (prefix + name, parameter);

        foreach (var (name, buffer) in module.named_buffers(recurse: false))
            yield return (prefix + name, buffer);

        foreach (var (name, child) in module.named_children())
        {
            foreach (var entry in Tensors(child, prefix + name + "."))
                yield return entry;
        }
    }

    /// <summary>Parameters with their full names, in the same order.</summary>
    public static IEnumerable<NamedParameter> Parameters(nn.Module module, string prefix = "")
    {
        foreach (var (name, parameter) in module.named_parameters(recurse: false))
            yield return new NamedParameter(prefix + name, parameter);

        foreach (var (name, child) in module.named_children())
        {
            foreach (NamedParameter entry in Parameters(child, prefix + name + "."))
                yield return entry;
        }
    }
}
