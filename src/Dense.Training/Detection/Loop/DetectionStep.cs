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
/// One step of training (E-77): forward, backward, gradient exchange, a look whether everything is finite, clipping,
/// update.
/// </summary>
/// <remarks>
/// With several parts (KF-34) forward and backward run once for each; losses and gradients are the means over the
/// parts. BatchNorm sees a part at a time, and losses are divided by its positives.
/// </remarks>
/// <param name="state">Detector and optimiser.</param>
/// <param name="placement">Where and how to compute.</param>
/// <param name="parts">Parts of a batch, a divisor of its images.</param>
/// <param name="batching">Makes images ready; the result is disposed here.</param>
/// <param name="collectives">The other ranks.</param>
internal sealed class DetectionStep(
    DetectionState state,
    DetectionPlacement placement,
    int parts,
    Func<IReadOnlyList<InputImage>, ImageBatch> batching,
    ICollectives collectives)
{
    private readonly GradientExchange _exchange = new(
        state.Optimizer.Parameters, collectives, state.Detector.Backbone?.StageParameters ?? []);

    /// <summary>
    /// Takes the step, unless a loss or gradient is not finite: then the weights stay as they are (E-85).
    /// </summary>
    /// <param name="images">The batch.</param>
    /// <param name="dataSeconds">How long this rank waited for it.</param>
    /// <param name="stopAsked">Whether this rank was asked to stop.</param>
    /// <returns>What all ranks say of the step.</returns>
    public StepLosses Take(IReadOnlyList<InputImage> images, double dataSeconds, bool stopAsked)
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<NamedLoss> losses = BackwardInParts(images);
        state.Scaler?.Unscale(state.Optimizer.Parameters.Gradients);

        // Before clipping, which would make a large number of an infinite one (E-84).
        using Tensor norm = state.Optimizer.Parameters.GradientNorm();
        state.Optimizer.ClipGradients();

        StepLosses result = Read(losses, norm, dataSeconds, stopAsked);
        bool finite = double.IsFinite(result.GradientNorm);
        if (result.IsFinite)
            state.Optimizer.Step();

        state.Scaler?.Update(finite);
        state.Optimizer.ZeroGradients();
        return result;
    }

    private IReadOnlyList<NamedLoss> BackwardInParts(IReadOnlyList<InputImage> images)
    {
        IReadOnlyList<NamedLoss>[] losses =
            [.. images.Chunk(images.Count / parts).Select((part, i) => Backward(part, isLast: i == parts - 1))];
        return parts == 1 ? losses[0] : Mean(losses);
    }

    // Gradients are the mean over ranks (E-150), exchanged once they are complete.
    private IReadOnlyList<NamedLoss> Backward(IReadOnlyList<InputImage> images, bool isLast)
    {
        using DisposeScope scope = NewDisposeScope();
        using ImageBatch batch = Prepared(batching(images));
        GroundTruth[] truths = [.. images.Select(i => i.GroundTruth ?? GroundTruth.Empty)];
        SegmentedBackward? segments = MarkSegments(isLast);
        IReadOnlyList<NamedLoss> losses;
        using (AutocastOf(placement))
            losses = state.Detector.Losses(batch, truths);

        Tensor total = losses.Select(l => l.Value).Aggregate((a, b) => a.Plus(b));
        Tensor share = parts == 1 ? total : total.Over(parts);
        _exchange.Backward(state.Scaler?.Apply(share) ?? share, segments, average: isLast);
        return [.. losses.Select(l => l.MoveToOuterDisposeScope())];
    }

    // Gradients travel once, with those of the last part.
    private SegmentedBackward? MarkSegments(bool isLast)
    {
        if (state.Detector.Backbone is not { } backbone)
            return null;

        backbone.Segments = isLast ? _exchange.NewSegments() : null;
        return backbone.Segments;
    }

    private static NamedLoss[] Mean(IReadOnlyList<NamedLoss>[] parts)
    {
        using IDisposable noGradient = no_grad();
        return [.. parts[0].Select((first, i) => new NamedLoss(
            first.Name,
            stack([.. parts.Select(p => p[i].Value)]).mean(),
            first.TargetEntropy is null ? null : stack([.. parts.Select(p => p[i].TargetEntropy!)]).mean()))];
    }

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

    private StepLosses Read(IReadOnlyList<NamedLoss> losses, Tensor norm, double dataSeconds, bool stopAsked)
    {
        NamedLoss[] bounded = [.. losses.Where(l => l.TargetEntropy is not null)];
        var numbers = StepNumbers.Exchange(
            collectives,
            [
                .. losses.Select(l => (l.Name, l.Value)), (StepNumbers.GradientNorm, norm),
                .. bounded.Select(l => (AboveEntropy(l), l.Value - l.TargetEntropy!)),
            ],
            dataSeconds, stopAsked ? 1 : 0);
        return new StepLosses(
            [.. losses.Select(l => (l.Name, numbers.Mean(l.Name)))], numbers.Mean(StepNumbers.GradientNorm))
        {
            AboveEntropy = [.. bounded.Select(l => (l.Name, numbers.Mean(AboveEntropy(l))))],
            DataSeconds = numbers.MaxOf(0),
            StopAsked = numbers.MaxOf(1) > 0,
            NonFinite = numbers.FirstNonFinite,
        };
    }

    private static string AboveEntropy(NamedLoss loss) => $"{loss.Name} above its entropy";
}
