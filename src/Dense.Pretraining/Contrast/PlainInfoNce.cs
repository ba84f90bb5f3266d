using Dense.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Pretraining.Contrast;

/// <summary>
/// The contrastive loss as the papers write it, with all M×(K+1) logits in memory: the reference for
/// <see cref="InfoNce"/>.
/// </summary>
public static class PlainInfoNce
{
    /// <summary>The mean loss over the rows; arguments as for <see cref="InfoNce.Loss"/>.</summary>
    public static Tensor Loss(Tensor rows, Tensor positives, Tensor negatives, double temperature)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = cat([positives.unsqueeze(1), rows.matmul(negatives.t())], 1).Over(temperature);
        Tensor target = zeros(rows.shape[0], ScalarType.Int64, rows.device);
        return nn.functional.cross_entropy(logits, target).MoveToOuterDisposeScope();
    }
}
