using System.Runtime.InteropServices;
using Dense.Checkpoints;
using Dense.Torch;
using static TorchSharp.torch;

namespace Dense.Detection.Tests;

/// <summary>Gives a network the weights of the golden data.</summary>
internal static class DetectorFill
{
    /// <summary>Overwrites every parameter and buffer.</summary>
    /// <param name="network">A detector, or a part of one; float32 or float64.</param>
    /// <param name="rule">The model's rule.</param>
    /// <param name="prefix">What the part is called in the whole model, its dot included.</param>
    public static void Fill(nn.Module network, FillRule rule, string prefix = "")
    {
        foreach (DetectorEntry entry in DetectorState.Entries(network, prefix))
        {
            byte[] bytes = MemoryMarshal.AsBytes<float>(rule.Values(entry.Name, entry.Tensor.shape)).ToArray();
            new TensorRecord(ElementType.Float32, entry.Tensor.shape, bytes).CopyTo(entry.Tensor);
        }
    }
}
