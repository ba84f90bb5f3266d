using Dense.Pretraining;
using Dense.Pretraining.Probes;
using Dense.Training.Data.Sources;
using Dense.Training.Logging;
using Dense.Training.Loop;
using Dense.Training.Settings;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Training.Evaluation;

/// <summary>
/// The k-NN probe between two epochs (P-155, P-231): the signal that contrastive training otherwise lacks.
/// </summary>
/// <param name="settings">The run's settings, with labelled images in the probe section.</param>
public sealed class KnnProbeTask(PretrainingSettings settings) : IEpochTask
{
    /// <inheritdoc/>
    public bool IsDue(int epochs) =>
        epochs % settings.Probe.IntervalEpochs == 0 || epochs == settings.Solver.Epochs;

    /// <inheritdoc/>
    public IReadOnlyList<LogFigure> Measure(PretrainingMethod method)
    {
        using DisposeScope scope = NewDisposeScope();
        var extractor = new FeatureExtractor(settings.EvaluationView, method.Placement.Device)
        {
            Workers = settings.Data.Loader.Workers,
        };

        method.eval();
        try
        {
            using IImageSource trainSource = ImageSources.Open(settings.Probe.Train, labelled: true);
            using IImageSource testSource = ImageSources.Open(settings.Probe.Test, labelled: true, training: false);
            LabelledFeatures train = extractor.Pooled(method.Extract, trainSource);
            LabelledFeatures test = extractor.Pooled(method.Extract, testSource);
            using var probe = new NearestNeighbourProbe(
                train.Features, train.Labels, Math.Max(train.Classes, test.Classes));
            return [.. settings.Probe.Neighbours.Select(k => new LogFigure($"knn_{k}_top1", probe.Evaluate(
                test.Features, test.Labels,
                new() { Neighbours = k, Temperature = settings.Probe.Temperature }).Top1Percent))];
        }
        finally
        {
            method.train();
        }
    }
}
