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
/// Accuracy of the supervised baseline on its validation images (P-49): top-1 and top-5 in percent, of each classifier
/// where there are several (P-154).
/// </summary>
/// <param name="settings">The run's settings, with labelled images in the validation section.</param>
public sealed class ValidationTask(PretrainingSettings settings) : IEpochTask
{
    /// <inheritdoc/>
    public bool IsDue(int epochs) =>
        epochs % settings.Validation.IntervalEpochs == 0 || epochs == settings.Solver.Epochs;

    /// <inheritdoc/>
    public IReadOnlyList<LogFigure> Measure(PretrainingMethod method)
    {
        using DisposeScope scope = NewDisposeScope();
        var classifier = (Classification)method;
        method.eval();
        try
        {
            using IImageSource source = ImageSources.Open(settings.Validation.Source, labelled: true, training: false);
            LabelledFeatures scores = new FeatureExtractor(settings.EvaluationView, method.Placement.Device)
            {
                Workers = settings.Data.Loader.Workers,
            }.Run(classifier.Classify, source);
            return [.. classifier.Suffixes.SelectMany((suffix, i) =>
            {
                ProbeResult result = ProbeScoring.Evaluate(scores.Features.select(1, i), scores.Labels);
                return new LogFigure[]
                {
                    new($"acc{suffix}_top1", result.Top1Percent), new($"acc{suffix}_top5", result.Top5Percent),
                };
            })];
        }
        finally
        {
            method.train();
        }
    }
}
