using Dense.Detection;
using Dense.Distributed;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Logging;

namespace Dense.Training.Detection.Loop;

/// <summary>Precise BatchNorm with batches of the training set (M-123).</summary>
/// <param name="detector">The network.</param>
/// <param name="images">The training set.</param>
/// <param name="data">How batches are made of it.</param>
/// <param name="iterations">Batches that a refresh takes.</param>
/// <param name="ready">Makes images ready on the network's device.</param>
/// <param name="log">Told how far it is.</param>
/// <param name="collectives">The other ranks.</param>
internal sealed class StatisticsRefresh(
    Detector detector,
    IReadOnlyList<ImageRecord> images,
    DetectionDataSettings data,
    int iterations,
    Func<IReadOnlyList<InputImage>, ImageBatch> ready,
    DetectionLog log,
    ICollectives collectives)
{
    private readonly PreciseBatchNorm _precise = new(detector, collectives);

    /// <summary>Number of layers; with 0 there is nothing to do.</summary>
    public int LayerCount => _precise.LayerCount;

    /// <summary>Replaces the statistics.</summary>
    /// <param name="before">How often this was done before: the batches are the ones that follow, so that a resumed run
    /// sees what an uninterrupted one would have seen.</param>
    public void Run(long before)
    {
        log.Info($"Running precise BatchNorm of {LayerCount} layers for {iterations} iterations ...", LogSource.Hooks);
        DetectionDataSettings needed = data with { MaskOn = data.MaskOn && !_precise.RunsBackboneOnly };
        using var loader = DetectionLoader.Train(images, needed, before * iterations);
        _precise.Run(NextOf(loader), iterations, Show);
    }

    private Func<(ImageBatch, IReadOnlyList<GroundTruth>)?> NextOf(DetectionLoader loader) => () =>
        loader.Next() is { } batch
            ? (ready(batch.Images), [.. batch.Images.Select(i => i.GroundTruth ?? GroundTruth.Empty)])
            : null;

    private void Show(int done)
    {
        log.Progress(new RunProgress("precise BN", done, iterations, null, []));
        if (done % 100 == 0)
            log.Info($"Running precise BatchNorm: {done}/{iterations} iterations.", LogSource.Hooks);
    }
}
