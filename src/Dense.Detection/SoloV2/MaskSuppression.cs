using Dense.Detection.Settings;

namespace Dense.Detection.SoloV2;

/// <summary>
/// Weeds out several masks of one object (section 3.4 of SOLOv2; M-112, M-113). All candidates come best first. Works
/// on bits on the host: no matrix of candidates, let alone of candidates and pixels, is ever made.
/// </summary>
internal static class MaskSuppression
{
    // The linear kernel divides by 1 − overlap, which is 0 for duplicates (KF-25).
    private const float SmallestDivisor = 1e-6f;

    /// <summary>
    /// Matrix NMS: the factor that each score is to be multiplied with, 0 to 1. A candidate j fades with its overlap
    /// with each better one i of its class, the less the likelier i is itself a duplicate of a still better one.
    /// </summary>
    /// <param name="candidates">Best first.</param>
    /// <param name="kernel">Gaussian or linear.</param>
    /// <param name="sigma">Sharpness of the Gaussian kernel.</param>
    public static float[] Decay(IReadOnlyList<SoloCandidate> candidates, MaskNms kernel, double sigma)
    {
        float[] factors = new float[candidates.Count];
        float[] compensation = new float[candidates.Count];
        for (int j = 0; j < factors.Length; j++)
        {
            factors[j] = 1;
            for (int i = 0; i < j; i++)
            {
                if (candidates[i].Category != candidates[j].Category)
                    continue;

                float iou = Iou(candidates[i], candidates[j]);
                compensation[j] = Math.Max(compensation[j], iou);
                float factor = kernel == MaskNms.Linear
                    ? (1 - iou) / Math.Max(1 - compensation[i], SmallestDivisor)
                    : Gaussian(iou, sigma) / Gaussian(compensation[i], sigma);
                factors[j] = Math.Min(factors[j], factor);
            }
        }

        return factors;
    }

    /// <summary>Greedy NMS: which candidates stay. One goes when a better one of its class that stays covers
    /// it.</summary>
    /// <param name="candidates">Best first.</param>
    /// <param name="threshold">IoU above which a mask is a duplicate.</param>
    public static bool[] Greedy(IReadOnlyList<SoloCandidate> candidates, double threshold)
    {
        bool[] stays = new bool[candidates.Count];
        for (int j = 0; j < stays.Length; j++)
        {
            stays[j] = true;
            for (int i = 0; i < j && stays[j]; i++)
            {
                stays[j] = !stays[i]
                    || candidates[i].Category != candidates[j].Category
                    || (Iou(candidates[i], candidates[j]) <= threshold);
            }
        }

        return stays;
    }

    // NaN, which no comparison passes, for two empty masks.
    private static float Iou(SoloCandidate a, SoloCandidate b)
    {
        float shared = a.Mask.SharedWith(b.Mask);
        return shared / (a.Mask.Area + b.Mask.Area - shared);
    }

    private static float Gaussian(float iou, double sigma) => MathF.Exp((float)-sigma * (iou * iou));
}
