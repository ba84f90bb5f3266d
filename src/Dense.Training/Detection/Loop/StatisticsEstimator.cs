using Dense.Models.Layers;
using static TorchSharp.torch;

namespace Dense.Training.Detection.Loop;

/// <summary>
/// Turns the running statistics that a BatchNorm layer has after each of several batches, with momentum 1, into those
/// of all batches together.
/// </summary>
internal abstract class StatisticsEstimator
{
    /// <summary>Starts from nothing.</summary>
    protected StatisticsEstimator(BatchNormLayer layer)
    {
        RunningMean = Buffer(layer, "running_mean");
        RunningVariance = Buffer(layer, "running_var");
    }

    /// <summary>The layer's mean per channel: that of the last batch.</summary>
    protected Tensor RunningMean { get; }

    /// <summary>The layer's unbiased variance per channel: that of the last batch.</summary>
    protected Tensor RunningVariance { get; }

    /// <summary>Takes in the batch that the layer has just seen.</summary>
    /// <param name="count">Values per channel in it, over all ranks that share its statistics.</param>
    public abstract void Add(double count);

    /// <summary>Gives the layer the statistics of all batches.</summary>
    public abstract void Store();

    /// <summary>A buffer of a layer by its name.</summary>
    public static Tensor Buffer(BatchNormLayer layer, string name) =>
        layer.named_buffers(recurse: false).Single(b => b.name == name).buffer;

    /// <summary>Zeros in float64, one per channel.</summary>
    protected Tensor Zeros() => zeros_like(RunningMean, ScalarType.Float64);
}
