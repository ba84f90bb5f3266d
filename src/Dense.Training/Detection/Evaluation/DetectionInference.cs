using System.Globalization;
using Dense.Detection;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Logging;
using Dense.Training.Logging;
using static TorchSharp.torch;

namespace Dense.Training.Detection.Evaluation;

/// <summary>Runs a detector over a test set, image by image (E-121, E-122).</summary>
/// <param name="detector">The network; its mode is restored afterwards.</param>
/// <param name="log">Where the progress goes.</param>
/// <param name="clock">Measures.</param>
public sealed class DetectionInference(Detector detector, DetectionLog log, TimeProvider clock)
{
    private const int MostWarmUpImages = 5;
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    private TimeSpan _data, _compute, _evaluate;
    private long _started, _lastLine;

    /// <summary>Told every image with its position and what was found in it.</summary>
    public Action<int, InputImage, ImageDetections>? OnImage { get; init; }

    /// <summary>Detects objects in all images.</summary>
    /// <param name="next">The next images, as a rule one; null at the end.</param>
    /// <param name="batching">Makes images ready; the result is disposed here.</param>
    /// <param name="count">Number of batches.</param>
    /// <param name="devices">Number of processes that share the test set.</param>
    public PredictionList Run(
        Func<DetectionBatch?> next, Func<IReadOnlyList<InputImage>, ImageBatch> batching, int count, int devices = 1)
    {
        log.Info($"Start inference on {count} images", LogSource.Inference);
        bool wasTraining = detector.training;
        detector.eval();
        try
        {
            return RunAll(next, batching, count, devices);
        }
        finally
        {
            detector.train(wasTraining);
        }
    }

    private PredictionList RunAll(
        Func<DetectionBatch?> next, Func<IReadOnlyList<InputImage>, ImageBatch> batching, int count, int devices)
    {
        using IDisposable noGradient = no_grad();
        var predictions = new PredictionList();
        int warmUp = Math.Max(0, Math.Min(MostWarmUpImages, count - 1));
        Restart();
        for (int index = 0; next() is { } batch; index++)
        {
            _data += batch.Waited;
            if (index == warmUp)
                Restart();

            long begin = clock.GetTimestamp();
            IReadOnlyList<ImageDetections> found = Detect(batch.Images, batching);
            long end = clock.GetTimestamp();
            _compute += clock.GetElapsedTime(begin, end);
            foreach (var (image, detections) in batch.Images.Zip(found))
            {
                OnImage?.Invoke(predictions.Images.Count, image, detections);
                predictions.Add(detections);
            }

            _evaluate += clock.GetElapsedTime(end);
            Report(index, warmUp, count);
        }

        Summarise(Math.Max(1, count - warmUp), devices);
        return predictions;
    }

    private IReadOnlyList<ImageDetections> Detect(
        IReadOnlyList<InputImage> images, Func<IReadOnlyList<InputImage>, ImageBatch> batching)
    {
        using var scope = NewDisposeScope();
        using ImageBatch batch = batching(images);
        return detector.Detect(batch, images);
    }

    private void Restart()
    {
        (_data, _compute, _evaluate) = (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        _started = clock.GetTimestamp();
    }

    private void Report(int index, int warmUp, int count)
    {
        int done = index + 1 - (index >= warmUp ? warmUp : 0);
        double total = clock.GetElapsedTime(_started).TotalSeconds / done;
        TimeSpan remaining = TimeSpan.FromSeconds(total * (count - index - 1));
        log.Progress(new RunProgress("image", index + 1, count, remaining, []));

        bool isDue = index >= 2 * warmUp || (_compute / done) > LineInterval;
        if (!isDue || (_lastLine != 0 && clock.GetElapsedTime(_lastLine) < LineInterval))
            return;

        _lastLine = clock.GetTimestamp();
        log.Info(string.Create(CultureInfo.InvariantCulture,
            $"Inference done {index + 1}/{count}. Dataloading: {(_data / done).TotalSeconds:F4} s/iter. "
            + $"Inference: {(_compute / done).TotalSeconds:F4} s/iter. Eval: {(_evaluate / done).TotalSeconds:F4} "
            + $"s/iter. Total: {total:F4} s/iter. ETA={DurationText.Of(remaining)}"), LogSource.Inference);
    }

    private void Summarise(int images, int devices)
    {
        TimeSpan total = clock.GetElapsedTime(_started);
        log.Info(Line("Total inference time", total), LogSource.Inference);
        log.Info(Line("Total inference pure compute time", _compute), LogSource.Inference);

        string Line(string title, TimeSpan time) => string.Create(CultureInfo.InvariantCulture,
            $"{title}: {DurationText.Of(time)} ({time.TotalSeconds / images:F6} s / iter per device, "
                + $"on {devices} devices)");
    }
}
