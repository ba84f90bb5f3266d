using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.SoloV2;

/// <summary>Keeps a cell only if no neighbour above, to the left, or above to the left is likelier (M-106).</summary>
internal static class PointNms
{
    /// <summary>Sets what is not a peak to 0; equal neighbours stay.</summary>
    /// <param name="scores">N×K×G×G probabilities.</param>
    /// <returns>A tensor that the caller owns.</returns>
    public static Tensor Apply(Tensor scores)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor best = nn.functional.max_pool2d(scores, kernel_size: 2, stride: 1, padding: 1);
        Tensor peak = scores.eq(best.narrow(2, 0, scores.shape[2]).narrow(3, 0, scores.shape[3]));
        return (scores * peak).MoveToOuterDisposeScope();
    }
}
