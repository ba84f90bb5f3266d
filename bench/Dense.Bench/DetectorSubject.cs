using Dense.Detection;
using Dense.Distributed;
using Dense.Torch.Operators;
using Dense.Training.Detection.Loop;
using Dense.Training.Detection.Settings;
using Dense.Training.Detection.Solver;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Bench;

/// <summary>
/// A detector of a configuration, with random weights in one memory layout, that looks at a batch of images.
/// </summary>
internal sealed class DetectorSubject : IDisposable
{
    // So small that the random weights stay as good as they are.
    private const double RateFactor = 1e-6;

    private readonly Detector _detector;
    private readonly DetectionOptimizer _optimizer;
    private readonly InputImage[] _images;
    private readonly bool _channelsLast;

    /// <summary>Builds the detector.</summary>
    /// <param name="settings">The run that the detector is for.</param>
    /// <param name="images">With what is to be found on them.</param>
    /// <param name="channelsLast">Whether images and weights lie channels-last.</param>
    public DetectorSubject(DetectionRunSettings settings, InputImage[] images, bool channelsLast)
    {
        (_images, _channelsLast) = (images, channelsLast);
        _detector = DetectorFactory.Create(settings.Detector, SingleProcess.Instance);
        _optimizer = new DetectionOptimizer(
            [.. DetectorState.Entries(_detector).Where(e => e.Trainable)], settings.Solver, channelsLast);
        _optimizer.SetRates(RateFactor);
    }

    private GroundTruth[] Truths => [.. _images.Select(i => i.GroundTruth!)];

    /// <summary>10⁹ operations of the convolutions, forward and, in training, backward.</summary>
    public (double Inference, double Training) CountGigaflops()
    {
        using var flops = new ConvolutionFlops(_detector);
        using DisposeScope scope = NewDisposeScope();
        using ImageBatch batch = Batch();
        _detector.train();
        _detector.Losses(batch, Truths);
        return (flops.Forward, flops.Forward + flops.Backward);
    }

    /// <summary>Detects, from bytes to boxes or masks.</summary>
    public void Infer()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using ImageBatch batch = Batch();
        _detector.eval();
        _detector.Detect(batch, _images);
    }

    /// <summary>Trains one step: forward, backward, update.</summary>
    public void Step()
    {
        using DisposeScope scope = NewDisposeScope();
        using ImageBatch batch = Batch();
        _detector.train();
        _detector.Losses(batch, Truths).Select(l => l.Value).Aggregate((a, b) => a + b).backward();
        _optimizer.Step();
        _optimizer.ZeroGradients();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        _detector.Dispose();
    }

    private ImageBatch Batch()
    {
        ImageBatch batch = ImageBatching.Create(_images, _detector.Settings, CPU);
        if (!_channelsLast)
            return batch;

        using (batch)
            return batch with { Pixels = MemoryLayout.ChannelsLast(batch.Pixels) };
    }
}
