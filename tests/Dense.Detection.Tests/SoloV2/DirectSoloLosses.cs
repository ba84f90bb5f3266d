using Dense.Detection.Settings;
using Dense.Detection.SoloV2;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.SoloV2;

/// <summary>M-59 and M-100 to M-103 as written: one mask copied per positive, one one-hot table per level.</summary>
internal static class DirectSoloLosses
{
    public static (Tensor Mask, Tensor Category) Compute(
        SoloPredictions heads, SoloTargets[] targets, GroundTruth[] truths, SoloV2Settings settings)
    {
        List<Tensor> dice = [];
        Tensor focal = zeros([], float64);
        for (int n = 0; n < targets.Length; n++)
        {
            for (int level = 0; level < heads.Kernels.Count; level++)
            {
                SoloLevelTargets target = targets[n].Levels[level];
                dice.AddRange(target.Cells.Zip(target.Objects, (cell, k) =>
                    Dice(heads, n, level, cell, truths[n].Masks![k])));
                focal += Focal(heads.Categories[level][n].flatten(1).t(), target.Categories, settings);
            }
        }

        Tensor mask = dice.Count == 0 ? zeros([], float64) : stack(dice).mean() * settings.DiceWeight;
        return (mask, focal * settings.FocalWeight / (targets.Sum(t => t.Marked) + 1));
    }

    private static Tensor Dice(SoloPredictions heads, int n, int level, int cell, MaskTarget mask)
    {
        Tensor feature = heads.MaskFeature[n];
        Tensor kernel = heads.Kernels[level][n].flatten(1).select(1, cell);
        Tensor p = (kernel.view(-1, 1, 1) * feature).sum([0]).sigmoid();
        int width = (int)feature.shape[2];
        double[] samples = new double[feature.shape[1] * width];
        for (int i = 0; i < mask.Quarter.Length; i++)
            samples[i / mask.QuarterWidth * width + i % mask.QuarterWidth] = mask.Quarter[i];

        Tensor t = tensor(samples, [feature.shape[1], width]);

        return 1 - 2 * (p * t).sum() / ((p * p).sum() + 0.001 + ((t * t).sum() + 0.001));
    }

    private static Tensor Focal(Tensor z, int[] categories, SoloV2Settings settings)
    {
        long classes = z.shape[1];
        Tensor y = nn.functional.one_hot(tensor(categories.Select(c => (long)c).ToArray()), classes + 1)
            .narrow(1, 0, classes).to(z.dtype);
        Tensor p = z.sigmoid();
        Tensor ce = z.clamp_min(0) - z * y + (-z.abs()).exp().log1p();
        Tensor correct = p * y + (1 - p) * (1 - y);
        Tensor weight = settings.FocalAlpha * y + (1 - settings.FocalAlpha) * (1 - y);
        return (weight * ce * (1 - correct).pow(settings.FocalGamma)).sum();
    }
}
