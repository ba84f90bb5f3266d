using Dense.Torch;
using static TorchSharp.torch;

namespace Dense.Detection.Fcos;

/// <summary>How P predicted boxes overlap the wanted ones that are seen from the same locations (M-61).</summary>
/// <param name="Iou">(I + 1) / (U + 1), P values.</param>
/// <param name="Giou">IoU − (C − U) / C with C the area of the smallest box around both, P values.</param>
internal readonly record struct Overlap(Tensor Iou, Tensor Giou)
{
    /// <summary>Compares.</summary>
    /// <param name="predicted">P×4: left, top, right, bottom.</param>
    /// <param name="wanted">P×4.</param>
    public static Overlap Of(Tensor predicted, Tensor wanted)
    {
        Tensor smaller = minimum(predicted, wanted), larger = maximum(predicted, wanted);
        Tensor shared = Area(smaller), hull = Area(larger);
        Tensor union = Area(predicted).Plus(Area(wanted)) - shared;
        Tensor iou = shared.Plus(1) / union.Plus(1);
        return new Overlap(iou, iou - (hull - union) / hull);
    }

    // (left + right) · (top + bottom)
    private static Tensor Area(Tensor distances)
    {
        Tensor sides = distances.narrow(1, 0, 2).Plus(distances.narrow(1, 2, 2));
        return sides.select(1, 0) * sides.select(1, 1);
    }
}
