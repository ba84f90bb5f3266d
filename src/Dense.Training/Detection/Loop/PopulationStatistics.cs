using Dense.Models.Layers;
using Dense.Torch;
using static TorchSharp.torch;

namespace Dense.Training.Detection.Loop;

/// <summary>
/// Statistics of all values of all batches (M-126): with n_b values per channel, mean m_b and biased variance v_b of
/// batch b, over T = Σ n_b: mean Σ n_b·m_b / T, variance Σ n_b·(v_b + (m_b − mean)²) / T. Accumulated in float64 as
/// deviations, so that no variance is negative (KF-30).
/// </summary>
internal sealed class PopulationStatistics : StatisticsEstimator
{
    private readonly Tensor _mean, _deviation;
    private double _count;

    /// <summary>Starts from nothing.</summary>
    public PopulationStatistics(BatchNormLayer layer)
        : base(layer) => (_mean, _deviation) = (Zeros(), Zeros());

    /// <inheritdoc/>
    public override void Add(double count)
    {
        double before = _count;
        _count += count;
        Tensor shift = RunningMean.to(ScalarType.Float64) - _mean;
        _mean.AddInPlace(shift.Times(count / _count));
        _deviation.AddInPlace(shift.Squared().Times(before * count / _count));

        // The running variance is the unbiased one; that of a single value is undefined and counts as 0.
        if (count > 1)
            _deviation.AddInPlace(RunningVariance.to(ScalarType.Float64).Times(count - 1));
    }

    /// <inheritdoc/>
    public override void Store()
    {
        RunningMean.copy_(_mean);
        RunningVariance.copy_(_deviation.Over(_count));
    }
}
