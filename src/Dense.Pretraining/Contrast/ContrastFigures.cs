using Dense.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Pretraining.Contrast;

/// <summary>Figures that show whether contrastive learning works (P-140). All stay on the device.</summary>
internal static class ContrastFigures
{
    private const long BlockLength = 4096;

    /// <summary>How often the positive is the best, and among the best five, of all keys; both in percent.</summary>
    /// <param name="rows">M×C.</param>
    /// <param name="positives">M.</param>
    /// <param name="negatives">K×C.</param>
    public static (Tensor Top1, Tensor Top5) Accuracy(Tensor rows, Tensor positives, Tensor negatives)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor better = zeros(rows.shape[0], ScalarType.Int64, rows.device);
        Tensor own = positives.unsqueeze(1);
        for (long start = 0; start < negatives.shape[0]; start += BlockLength)
        {
            using DisposeScope block = NewDisposeScope();
            Tensor part = negatives.narrow(0, start, Math.Min(BlockLength, negatives.shape[0] - start));
            better.AddInPlace(rows.matmul(part.t()).gt(own).sum(dim: 1));
        }

        Tensor Percent(long k)
        {
            using Scalar best = k;
            return better.lt(best).to(ScalarType.Float32).mean().Times(100).MoveToOuterDisposeScope();
        }

        return (Percent(1), Percent(5));
    }

    /// <summary>
    /// How far unit vectors are spread: sqrt(1 − ‖mean‖²), 0 when all are equal (a collapsed network) and close to 1
    /// when they point everywhere.
    /// </summary>
    /// <param name="vectors">M×C, unit vectors.</param>
    public static Tensor Spread(Tensor vectors)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return (-vectors.mean([0]).Squared().sum()).Plus(1).AtLeast(0).sqrt().MoveToOuterDisposeScope();
    }
}
