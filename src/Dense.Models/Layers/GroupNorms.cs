using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dense.Models.Layers;

/// <summary>GroupNorm as PyTorch starts it. TorchSharp leaves scale and shift as the memory was.</summary>
public static class GroupNorms
{
    /// <summary>Creates a layer: weight 1, bias 0.</summary>
    /// <param name="groups">Divides <paramref name="channels"/>.</param>
    /// <param name="channels">C.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public static GroupNorm Create(long groups, long channels, double epsilon = 1e-5)
    {
        GroupNorm norm = nn.GroupNorm(groups, channels, epsilon);
        nn.init.ones_(norm.weight!);
        nn.init.zeros_(norm.bias!);
        return norm;
    }
}
