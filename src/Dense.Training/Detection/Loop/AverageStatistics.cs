using Dense.Models.Layers;
using Dense.Torch;
using static TorchSharp.torch;

namespace Dense.Training.Detection.Loop;

/// <summary>
/// The estimator of fvcore before May 2021 (M-127): the plain average of the batches' means and of their unbiased
/// variances. A small batch weighs as much as a large one, and the spread of the means is left out.
/// </summary>
internal sealed class AverageStatistics : StatisticsEstimator
{
    private readonly Tensor _mean, _variance;
    private int _batches;

    /// <summary>Starts from nothing.</summary>
    public AverageStatistics(BatchNormLayer layer)
        : base(layer) => (_mean, _variance) = (Zeros(), Zeros());

    /// <inheritdoc/>
    public override void Add(double count)
    {
        _batches++;
        _mean.AddInPlace((RunningMean - _mean).Over(_batches));
        _variance.AddInPlace((RunningVariance - _variance).Over(_batches));
    }

    /// <inheritdoc/>
    public override void Store()
    {
        RunningMean.copy_(_mean);
        RunningVariance.copy_(_variance);
    }
}
