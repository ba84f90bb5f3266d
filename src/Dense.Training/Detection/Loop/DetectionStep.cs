using Dense.Detection;
using Dense.Distributed;
using Dense.Distributed.Gradients;
using Dense.Torch;
using Dense.Torch.Operators;
using Dense.Training.Loop;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Training.Detection.Loop;

/// <summary>
/// One step of training (E-77): forward, backward, gradient exchange, clipping, a look whether everything is finite,
/// update.
/// </summary>
/// <param name="state">Detector and optimiser.</param>
/// <param name="placement">Where and how to compute.</param>
/// <param name="batching">Makes images ready; the result is disposed here.</param>
/// <param name="collectives">The other ranks.</param>
internal sealed class DetectionStep(
    DetectionState state,
    DetectionPlacement placement,
    Func<IReadOnlyList<InputImage>, ImageBatch> batching,
    ICollectives collectives)
{
    private readonly GradientExchange _exchange = new(
        state.Optimizer.Parameters, collectives, state.Detector.Backbone?.StageParameters ?? []);

    /// <summary>Takes the step, unless a loss or gradient is not finite: then the weights stay as they are (E-85).</summary>
    /// <param name="images">The batch.</param>
    /// <param name="dataSeconds">How long this rank waited for it.</param>
    /// <param name="stopAsked">Whether this rank was asked to stop.</param>
    /// <returns>What all ranks say of the step.</returns>
    public StepLosses Take(IReadOnlyList<InputImage> images, double dataSeconds, bool stopAsked)
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<NamedLoss> losses = Backward(images);
        state.Scaler?.Unscale(state.Optimizer.Parameters.Gradients);
        state.Optimizer.ClipGradients();

        StepLosses result = Read(losses, dataSeconds, stopAsked);
        bool finite = double.IsFinite(result.GradientNorm);
        if (result.IsFinite && finite)
            state.Optimizer.Step();

        state.Scaler?.Update(finite);
        state.Optimizer.ZeroGradients();
        return result;
    }

    // Gradients are the mean over ranks (E-150).
    private IReadOnlyList<NamedLoss> Backward(IReadOnlyList<InputImage> images)
    {
        using ImageBatch batch = Prepared(batching(images));
        GroundTruth[] truths = [.. images.Select(i => i.GroundTruth ?? GroundTruth.Empty)];
        SegmentedBackward? segments = NewSegments();
        IReadOnlyList<NamedLoss> losses;
        using (AutocastOf(placement))
            losses = state.Detector.Losses(batch, truths);

        Tensor total = losses.Select(l => l.Value).Aggregate((a, b) => a.Plus(b));
        _exchange.Backward(state.Scaler?.Apply(total) ?? total, segments);
        return losses;
    }

    private SegmentedBackward? NewSegments() =>
        state.Detector.Backbone is { } backbone ? backbone.Segments = _exchange.NewSegments() : null;

    private ImageBatch Prepared(ImageBatch batch)
    {
        if (!placement.ChannelsLast)
            return batch;

        using (batch)
            return batch with { Pixels = MemoryLayout.ChannelsLast(batch.Pixels) };
    }

    private static Autocast? AutocastOf(DetectionPlacement placement) => placement.Numbers switch
    {
        TrainingNumbers.Float16 => new Autocast(placement.Device.type, ScalarType.Float16),
        TrainingNumbers.BFloat16 => new Autocast(placement.Device.type, ScalarType.BFloat16),
        _ => null,
    };

    private StepLosses Read(IReadOnlyList<NamedLoss> losses, double dataSeconds, bool stopAsked)
    {
        int terms = losses.Count;
        using Tensor norm = state.Optimizer.Parameters.GradientNorm();
        var numbers = StepNumbers.Exchange(
            collectives, [.. losses.Select(l => l.Value), norm], dataSeconds, stopAsked ? 1 : 0);
        return new StepLosses([.. losses.Select((l, i) => (l.Name, numbers.Mean(i)))], numbers.Mean(terms))
        {
            DataSeconds = numbers.Max(terms + 1),
            StopAsked = numbers.Max(terms + 2) > 0,
            BlamedRank = numbers.FirstNonFinite(terms + 1)?.Rank ?? 0,
        };
    }
}
