using Dense.Torch;
using Dense.Torch.Operators;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dense.Models.Layers;

// Shapes: N images, C channels, H×W positions, G groups of images.

/// <summary>
/// BatchNorm with two things that TorchSharp's lacks: statistics over groups of images, and statistics over processes.
/// </summary>
/// <remarks>
/// Normalises by the biased batch variance and averages the unbiased one into the running statistics (P-61). Checkpoint
/// keys: <c>weight</c>, <c>bias</c>, <c>running_mean</c>, <c>running_var</c>, <c>num_batches_tracked</c>. On the CPU,
/// libtorch sums float32 channels-last statistics in float32, one value after the other: the variance of 32×112×112
/// values per channel is then off by 1e-4 of itself on one thread, against 1e-7 row by row.
/// </remarks>
public sealed class BatchNormLayer : Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter? _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;

    [ComponentName(Name = "running_mean")]
    private readonly Tensor _runningMean;

    [ComponentName(Name = "running_var")]
    private readonly Tensor _runningVariance;

    [ComponentName(Name = "num_batches_tracked")]
    private readonly Tensor _batches;

    private readonly double _epsilon;
    private readonly BatchStatistics _statistics;

    /// <summary>Creates the layer: weight 1, bias 0, running mean 0, running variance 1.</summary>
    /// <param name="channels">C.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="momentum">Weight of the newest batch in the running statistics.</param>
    /// <param name="statistics">Over which images; those of other processes need <see
    /// cref="SumOverProcesses"/>.</param>
    /// <param name="affine">Whether a learned scale and shift follow.</param>
    public BatchNormLayer(
        long channels,
        double epsilon = 1e-5,
        double momentum = 0.1,
        BatchStatistics statistics = BatchStatistics.Process,
        bool affine = true)
        : base(nameof(BatchNormLayer))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        _epsilon = epsilon;
        Momentum = momentum;
        _statistics = statistics;
        _weight = affine ? new Parameter(ones(channels)) : null;
        _bias = affine ? new Parameter(zeros(channels)) : null;
        _runningMean = zeros(channels);
        _runningVariance = ones(channels);
        _batches = zeros(Array.Empty<long>(), ScalarType.Int64);
        RegisterComponents();
    }

    /// <summary>
    /// G ≥ 1: in training, image n is normalised with the images whose number has the same remainder modulo G, as if
    /// each such group sat on a device of its own. The running statistics average the groups, where separate devices
    /// would each keep their own and a checkpoint would hold those of the first (P-132). G divides N. Synchronised
    /// layers ignore it.
    /// </summary>
    public int ImageGroups { get; set; } = 1;

    /// <summary>
    /// Adds a tensor over the processes, in place; null with one process. Used by synchronised layers only. All
    /// processes call it in the same order, forward and backward.
    /// </summary>
    public Action<Tensor>? SumOverProcesses { get; set; }

    /// <summary>Weight of the newest batch in the running statistics.</summary>
    public double Momentum { get; set; }

    /// <summary>Values per channel, N·H·W, in this process's last training batch; 0 before the first.</summary>
    public long LastCount { get; private set; }

    /// <summary>Whether training passes update the running statistics; off while a pass is repeated.</summary>
    internal bool TracksStatistics { get; set; } = true;

    /// <summary>Normalises a batch.</summary>
    /// <param name="x">N×C×H×W or N×C.</param>
    /// <returns>The same shape and memory layout.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        if (!training)
            return Normalise(x, _runningMean, _runningVariance, training: false).MoveToOuterDisposeScope();

        LastCount = x.numel() / x.shape[1];
        if (TracksStatistics)
            _batches.AddInPlace(1);

        bool own = _statistics == BatchStatistics.Process;
        Tensor y = !own && SumOverProcesses is not null ? Synchronised(x, SumOverProcesses)
            : ImageGroups > 1 && own ? Grouped(x)
            : Normalise(
                x, TracksStatistics ? _runningMean : null, TracksStatistics ? _runningVariance : null, training: true);
        return y.MoveToOuterDisposeScope();
    }

    private Tensor Normalise(Tensor x, Tensor? mean, Tensor? variance, bool training) =>
        functional.batch_norm(x, mean, variance, _weight, _bias, training, Momentum, _epsilon);

    // Row by row in memory, N×C×H×W and (N/G)×(G·C)×H×W are the same numbers: each group has channels of its own.
    private Tensor Grouped(Tensor x)
    {
        long g = ImageGroups, n = x.shape[0], c = x.shape[1];
        if (n % g != 0)
            throw new ArgumentException($"A batch of {n} images does not split into {g} equal groups.", nameof(x));

        Tensor folded = x.reshape([n / g, g * c, .. x.shape[2..]]);
        Tensor mean = _runningMean.repeat(g), variance = _runningVariance.repeat(g);
        Tensor y = functional.batch_norm(
            folded, mean, variance, _weight?.repeat(g), _bias?.repeat(g), training: true, Momentum, _epsilon);
        if (TracksStatistics)
        {
            _runningMean.copy_(mean.view(g, c).mean([0]));
            _runningVariance.copy_(variance.view(g, c).mean([0]));
        }

        Tensor unfolded = y.reshape(x.shape);
        return MemoryLayout.IsChannelsLast(x)
            ? MemoryLayout.ChannelsLast(unfolded)
            : unfolded;
    }

    // Differentiates through the sums: the gradient of a sum over processes is the sum of the gradients over them.
    private Tensor Synchronised(Tensor x, Action<Tensor> sum)
    {
        Tensor values = x.dtype == ScalarType.Float64 ? x : x.to(ScalarType.Float32);
        long[] all = x.ndim == 4 ? [0, 2, 3] : [0];
        long[] channel = x.ndim == 4 ? [1, -1, 1, 1] : [1, -1];
        var (centred, variance) = _statistics == BatchStatistics.AllPixels
            ? WeightedByPixels(values, all, channel, sum)
            : WeightedByProcess(values, all, channel, sum);

        // One product with a number per channel: backward keeps the centred values and no second map.
        Tensor scale = variance.Plus(_epsilon).rsqrt();
        Tensor y = centred * (_weight is null ? scale : scale * _weight).view(channel);
        if (_bias is not null)
            y = y.AddInPlace(_bias.view(channel));
        return y.to(x.dtype);
    }

    private (Tensor Centred, Tensor Variance) WeightedByPixels(
        Tensor values, long[] all, long[] channel, Action<Tensor> sum)
    {
        long c = values.shape[1];
        Tensor own = empty(1, values.dtype, values.device).Fill(LastCount);
        Tensor sums = SumOver.Processes(cat([values.sum(all), own]), sum);
        Tensor count = sums.narrow(0, c, 1).detach();

        Tensor mean = sums.narrow(0, 0, c) / count;
        Tensor centred = values - mean.view(channel);
        Tensor variance = SumOver.Processes(centred.Squared().sum(all), sum) / count;
        Track(mean, variance.detach() * (count / count.Minus(1)));
        return (centred, variance);
    }

    // v = q − m² with m and q the processes' means and mean squares averaged; the running variance stays biased (M-32).
    private (Tensor Centred, Tensor Variance) WeightedByProcess(
        Tensor values, long[] all, long[] channel, Action<Tensor> sum)
    {
        long c = values.shape[1];
        Tensor one = ones(1, values.dtype, values.device);
        Tensor sums = SumOver.Processes(cat([values.mean(all), values.Squared().mean(all), one]), sum);
        Tensor processes = sums.narrow(0, 2 * c, 1).detach();

        Tensor mean = sums.narrow(0, 0, c) / processes;
        Tensor variance = sums.narrow(0, c, c) / processes - mean.Squared();
        Track(mean, variance);
        return (values - mean.view(channel), variance);
    }

    private void Track(Tensor mean, Tensor variance)
    {
        if (!TracksStatistics)
            return;

        using IDisposable noGradient = no_grad();
        _runningMean.MultiplyInPlace(1 - Momentum).AddInPlace(mean.detach().Times(Momentum));
        _runningVariance.MultiplyInPlace(1 - Momentum).AddInPlace(variance.detach().Times(Momentum));
    }
}
