using Dense.Checkpoints;
using Dense.Detection.Fcos;
using Dense.Torch;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.Fcos;

/// <summary>What the reference's head predicted, as the input of the steps that follow the head.</summary>
internal static class GoldenLevels
{
    /// <summary>Whether a file holds all outputs of the head.</summary>
    public static bool Has(GoldenArrays arrays) => arrays.Names.Contains("head.logits.0");

    /// <summary>All levels; the current scope owns the tensors.</summary>
    public static FcosLevel[] Read(GoldenArrays arrays, bool requiresGrad = false)
    {
        Tensor Get(string name) => Read(arrays, name).requires_grad_(requiresGrad);
        return [.. Enumerable.Range(0, 99).TakeWhile(l => arrays.Names.Contains($"head.logits.{l}")).Select(l =>
            new FcosLevel(Get($"head.logits.{l}"), Get($"head.bbox_reg.{l}"), Get($"head.ctrness.{l}")))];
    }

    /// <summary>One array as a tensor.</summary>
    public static Tensor Read(GoldenArrays arrays, string name)
    {
        GoldenArray array = arrays[name];
        return new TensorRecord(Enum.Parse<ElementType>(array.ElementType), array.Shape, array.Bytes).ToTensor();
    }
}
