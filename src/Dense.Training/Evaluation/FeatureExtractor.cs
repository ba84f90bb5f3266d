using Dense.Imaging;
using Dense.Training.Data;
using Dense.Training.Data.Formats;
using Dense.Training.Data.Loading;
using Dense.Training.Data.Sampling;
using Dense.Training.Data.Sources;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Training.Evaluation;

/// <summary>
/// Runs a frozen network over every image of a labelled source, without augmentation, in order (P-82, P-155).
/// </summary>
/// <param name="view">Which part of each image is seen.</param>
/// <param name="device">Where the network is.</param>
public sealed class FeatureExtractor(EvaluationSettings view, Device device)
{
    /// <summary>Images per batch. Changes rounding at most: the network is in evaluation mode.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Threads that decode images.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>The mean over positions of a network's last feature map.</summary>
    /// <param name="network">Images N×3×S×S → feature maps, the last N×C×h×w; in evaluation mode.</param>
    /// <param name="source">Labelled images.</param>
    /// <exception cref="DatasetException">The source has no labels, or an image is damaged.</exception>
    public LabelledFeatures Pooled(Func<Tensor, Tensor[]> network, IImageSource source) =>
        Run(images => network(images)[^1].mean([2, 3]), source);

    /// <summary>Whatever a function makes of each image.</summary>
    /// <param name="function">Images N×3×S×S → N×…; called without gradient.</param>
    /// <param name="source">Labelled images.</param>
    /// <exception cref="DatasetException">The source has no labels, or an image is damaged.</exception>
    public LabelledFeatures Run(Func<Tensor, Tensor> function, IImageSource source)
    {
        if (source.ClassCount == 0)
        {
            throw new DatasetException($"{source.Location}: its images have no labels, which this evaluation needs. "
                + "Give a list with 'path label' on each line, or a folder with one folder per class.");
        }

        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var sampler = new EpochSampler(source.Count, new SamplerSettings
        {
            Order = SampleOrder.Sequential,
            BatchSize = Math.Min(BatchSize, source.Count),
            DropLast = false,
        });
        using BatchLoader loader = BatchLoader.Start(
            source, sampler, new EvaluationFormat(source, view), new LoaderSettings { Workers = Workers, Epochs = 1 });

        List<Tensor> features = [], labels = [];
        while (loader.Next() is { } batch)
        {
            using (batch)
            using (DisposeScope step = NewDisposeScope())
            {
                features.Add(function(batch.Images.to(device)).to(float32).cpu().MoveToOuterDisposeScope());
                labels.Add(batch.Labels!.clone().MoveToOuterDisposeScope());
            }
        }

        return new LabelledFeatures(
            cat(features).MoveToOuterDisposeScope(), cat(labels).MoveToOuterDisposeScope(), source.ClassCount);
    }
}
