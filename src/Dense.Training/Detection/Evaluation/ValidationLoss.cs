using System.Globalization;
using Dense.Detection;
using Dense.Distributed;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Logging;
using static TorchSharp.torch;

namespace Dense.Training.Detection.Evaluation;

/// <summary>
/// The training losses on images that are not trained on: network in evaluation mode, images resized as for testing,
/// no gradients. Each term is the mean over single images: Σᵢ Lₖ(xᵢ) / n.
/// </summary>
/// <remarks>
/// Weights, running statistics and the numbers of <see cref="Detector.TrainerState"/> stay as they are. Ranks share the
/// images out, in whatever numbers: the mean is that of one process, to rounding.
/// </remarks>
/// <param name="detector">The network; its mode is restored afterwards.</param>
/// <param name="log">Where progress and result go.</param>
/// <param name="collectives">The other ranks.</param>
public sealed class ValidationLoss(Detector detector, DetectionLog log, ICollectives collectives)
{
    /// <summary>The sum of all terms; a term's own name is behind <c>validation_</c>.</summary>
    public const string TotalName = "validation_loss";

    private const string TermPrefix = "validation_";

    /// <summary>Computes the losses.</summary>
    /// <param name="name">The data set, for the log.</param>
    /// <param name="next">The next image of this rank with what is to be found in it; null at the end.</param>
    /// <param name="batching">Makes images ready; the result is disposed here.</param>
    /// <param name="count">Number of this rank's images.</param>
    /// <returns>On the first rank, the total, then the terms in the detector's order; empty without images.</returns>
    public IReadOnlyDictionary<string, double> Run(
        string name,
        Func<DetectionBatch?> next,
        Func<IReadOnlyList<InputImage>, ImageBatch> batching,
        int count)
    {
        bool wasTraining = detector.training;
        IReadOnlyDictionary<string, double> carried = detector.TrainerState;
        detector.eval();
        try
        {
            return Report(name, MeanOverImages(next, batching, count));
        }
        finally
        {
            detector.train(wasTraining);
            detector.TrainerState = carried;
        }
    }

    private List<(string Term, double Value)> MeanOverImages(
        Func<DetectionBatch?> next, Func<IReadOnlyList<InputImage>, ImageBatch> batching, int count)
    {
        using IDisposable noGradient = no_grad();
        string[] terms = [];
        double[] sums = [];
        int done = 0;
        while (next() is { } batch)
        {
            (terms, double[] values) = LossesOf(batch.Images, batching);
            sums = done == 0 ? values : [.. sums.Zip(values, (a, b) => a + b)];
            done++;
            log.Progress(new RunProgress("validation", done, count, null, []));
        }

        return SumOverRanks(sums, done) is [.. var all, var images]
            ? [.. terms.Zip(all, (term, sum) => (term, sum / images))]
            : [];
    }

    // The terms' sums, then the number of images. The first rank has images where any has, so it knows how many terms.
    private double[] SumOverRanks(double[] sums, int images)
    {
        using var scope = NewDisposeScope();
        Tensor terms = tensor(sums.LongLength);
        collectives.BroadcastInPlace(terms);
        if (terms.item<long>() == 0)
            return [];

        double[] own = images == 0 ? new double[terms.item<long>()] : sums;
        Tensor all = tensor([.. own, images], float64);
        collectives.SumInPlace(all);
        return collectives.Rank == 0 ? all.data<double>().ToArray() : [];
    }

    private (string[] Terms, double[] Values) LossesOf(
        IReadOnlyList<InputImage> images, Func<IReadOnlyList<InputImage>, ImageBatch> batching)
    {
        using var scope = NewDisposeScope();
        using ImageBatch batch = batching(images);
        IReadOnlyList<NamedLoss> losses =
            detector.Losses(batch, [.. images.Select(i => i.GroundTruth ?? GroundTruth.Empty)]);
        Tensor values = stack([.. losses.Select(l => l.Value.to(float64))]).cpu();
        return ([.. losses.Select(l => l.Name)], values.data<double>().ToArray());
    }

    private OrderedDictionary<string, double> Report(string name, List<(string Term, double Value)> terms)
    {
        var results = new OrderedDictionary<string, double>(StringComparer.Ordinal);
        if (terms.Count == 0)
            return results;

        results.Add(TotalName, terms.Sum(t => t.Value));
        foreach (var (term, value) in terms)
            results.TryAdd(TermPrefix + term, value);

        string figures = string.Join("  ", results.Select(
            r => string.Create(CultureInfo.InvariantCulture, $"{r.Key}: {r.Value:G4}")));
        log.Info($"Losses on {name}: {figures}", LogSource.Evaluation);
        return results;
    }
}
