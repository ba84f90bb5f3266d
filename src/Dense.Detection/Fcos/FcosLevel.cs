using static TorchSharp.torch;

namespace Dense.Detection.Fcos;

/// <summary>What the head predicts on one pyramid level, for a batch of N images and a map of h×w locations.</summary>
/// <param name="Logits">N×K×h×w: one logit per class.</param>
/// <param name="Distances">N×4×h×w: left, top, right, bottom side of the box, in strides, ≥ 0.</param>
/// <param name="Quality">N×1×h×w: logit of how good the box is.</param>
public readonly record struct FcosLevel(Tensor Logits, Tensor Distances, Tensor Quality)
{
    /// <summary>h and w.</summary>
    public (int Height, int Width) MapSize => ((int)Logits.shape[2], (int)Logits.shape[3]);
}
