using Dense.Detection;
using Dense.Detection.Backbones;
using Dense.Distributed;
using Dense.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Training.Detection.Loop;

/// <summary>
/// Replaces the running statistics of BatchNorm, which lag behind the weights, by those of the population over a
/// number of training batches with the weights as they are (M-123 to M-128, E-155).
/// </summary>
/// <remarks>
/// <see cref="PopulationStatistics"/> says how; with COMPAT.UNWEIGHTED_PRECISE_BN it is
/// <see cref="AverageStatistics"/>. Where statistics span processes, the counts do too, but not with
/// COMPAT.LOCAL_PRECISE_BN_COUNTS (KF-29).
/// </remarks>
public sealed class PreciseBatchNorm
{
    private readonly Detector _detector;
    private readonly ICollectives _collectives;
    private readonly BatchNormLayer[] _layers;
    private readonly PyramidBackbone? _backbone;

    /// <summary>Finds the layers of a detector in training mode.</summary>
    public PreciseBatchNorm(Detector detector, ICollectives collectives)
    {
        _detector = detector;
        _collectives = collectives;
        _layers = Layers(detector);
        PyramidBackbone? backbone = detector.children().OfType<PyramidBackbone>().SingleOrDefault();
        _backbone = backbone is not null && Layers(backbone).Length == _layers.Length ? backbone : null;
    }

    /// <summary>Number of layers; with 0 there is nothing to do.</summary>
    public int LayerCount => _layers.Length;

    /// <summary>Whether the backbone alone runs, because no head has such a layer (KF-31).</summary>
    public bool RunsBackboneOnly => _backbone is not null;

    /// <summary>Computes the statistics; weights do not change.</summary>
    /// <param name="next">The next training batch on the network's device, which is disposed here; null at the end of
    /// the data.</param>
    /// <param name="iterations">How many batches.</param>
    /// <param name="onBatch">Told how many are done.</param>
    /// <exception cref="InvalidOperationException">The data end early, or a layer is used twice in a pass.</exception>
    public void Run(
        Func<(ImageBatch Batch, IReadOnlyList<GroundTruth> Truths)?> next, int iterations, Action<int>? onBatch = null)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        StatisticsEstimator[] statistics = [.. _layers.Select(StatisticsOf)];
        double[] momenta = [.. _layers.Select(l => l.Momentum)];
        long[] counts = [.. _layers.Select(BatchesOf)];
        try
        {
            // With momentum 1 the running statistics are those of the last batch.
            foreach (BatchNormLayer layer in _layers)
                layer.Momentum = 1;

            for (int i = 0; i < iterations; i++)
            {
                Pass(next() ?? throw new InvalidOperationException(
                    $"The training data ended after {i} of {iterations} batches."));
                Accumulate(statistics);
                onBatch?.Invoke(i + 1);
            }
        }
        finally
        {
            foreach (var (layer, momentum) in _layers.Zip(momenta))
                layer.Momentum = momentum;
        }

        if (_layers.Zip(counts).Any(p => BatchesOf(p.First) != p.Second + iterations))
            throw new InvalidOperationException("A BatchNorm layer is used more than once in a pass (M-128).");

        foreach (StatisticsEstimator layer in statistics)
            layer.Store();
    }

    private void Pass((ImageBatch Batch, IReadOnlyList<GroundTruth> Truths) input)
    {
        using DisposeScope scope = NewDisposeScope();
        using ImageBatch batch = input.Batch;
        if (_backbone is not null)
            _backbone.call(batch.Pixels);
        else
            _detector.Losses(batch, input.Truths);
    }

    private StatisticsEstimator StatisticsOf(BatchNormLayer layer) =>
        _detector.Settings.Compatibility.UnweightedPreciseBatchNorm
        ? new AverageStatistics(layer)
        : new PopulationStatistics(layer);

    private void Accumulate(StatisticsEstimator[] statistics)
    {
        using DisposeScope scope = NewDisposeScope();
        double[] counts = [.. _layers.Select(l => (double)l.LastCount)];
        if (_collectives.WorldSize > 1 && !_detector.Settings.Compatibility.LocalPreciseBatchNormCounts)
        {
            using Tensor sums = tensor(counts).to(_detector.parameters().First().device);
            _collectives.SumInPlace(sums);
            double[] global = sums.cpu().data<double>().ToArray();
            counts = [.. _layers.Select((l, i) => l.SumOverProcesses is null ? counts[i] : global[i])];
        }

        foreach (var (layer, count) in statistics.Zip(counts))
            layer.Add(count);
    }

    private static BatchNormLayer[] Layers(nn.Module module) =>
        [.. module.modules().OfType<BatchNormLayer>().Distinct().Where(l => l.training)];

    private static long BatchesOf(BatchNormLayer layer) =>
        StatisticsEstimator.Buffer(layer, "num_batches_tracked").cpu().item<long>();
}
