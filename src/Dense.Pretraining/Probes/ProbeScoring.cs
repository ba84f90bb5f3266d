using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Pretraining.Probes;

/// <summary>Turns class scores into accuracies.</summary>
public static class ProbeScoring
{
    private const long BestClasses = 5;

    /// <summary>Top-1 and top-5; of equal scores the lower class number comes first.</summary>
    /// <param name="scores">N×L.</param>
    /// <param name="labels">N class numbers.</param>
    public static ProbeResult Evaluate(Tensor scores, Tensor labels)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor label = labels.unsqueeze(1);
        Tensor own = scores.gather(1, label);
        using Scalar first = 0, end = scores.shape[1], step = 1;
        Tensor classes = arange(first, end, step, ScalarType.Int64, scores.device);
        Tensor rank = scores.gt(own).logical_or(scores.eq(own).logical_and(classes.lt(label))).sum(dim: 1);
        double Percent(long best)
        {
            using Scalar limit = best;
            return 100.0 * rank.lt(limit).sum().item<long>() / labels.shape[0];
        }

        return new ProbeResult(Percent(1), Percent(BestClasses), scores.argmax(1).data<long>().ToArray());
    }
}
