using Dense.Detection;
using Dense.Distributed;
using Dense.Torch.Tests.Pretraining.Trajectories;
using Dense.Torch.Tests.Tensors;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Loop;
using Dense.Training.Detection.Settings;
using Dense.Training.Detection.Solver;
using Dense.Training.Loop;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Training.Detection.Loop;

[LeakCheck]
public class DetectionStepTests
{
    // KF-34: the parts of a batch count as the batches of several processes do.
    [Fact]
    public void StepInTwoParts_IsTheStepOfTwoProcesses()
    {
        using var scope = NewDisposeScope();
        DetectionBatch batch = ToyData.Batch(1);
        ToyDetector[] detectors = [.. Enumerable.Range(0, 4).Select(_ => new ToyDetector())];

        (StepLosses losses, double[] weights) = Step(detectors[0], batch.Images, parts: 2, SingleProcess.Instance);
        (StepLosses Losses, double[] Weights)[] ranks = ThreadedCollectives.Run(
            2, c => Step(detectors[1 + c.Rank], [batch.Images[c.Rank]], parts: 1, c));

        Assert.Equal(ranks[0].Losses.Terms.Select(t => t.Name), losses.Terms.Select(t => t.Name));
        foreach (var (expected, actual) in ranks[0].Losses.Terms.Zip(losses.Terms))
            Assert.Equal(expected.Value, actual.Value, 1e-6);

        Assert.Equal(ranks[0].Losses.GradientNorm, losses.GradientNorm, 1e-6);
        Assert.InRange(TensorValues.Distance(ranks[0].Weights, weights), 0, 1e-7);
        Assert.NotEqual(Step(detectors[3], batch.Images, parts: 1, SingleProcess.Instance).Weights, weights);
        foreach (ToyDetector detector in detectors)
            detector.Dispose();
    }

    // The mean is NaN on both ranks; the number to tell of is that of the second.
    [Fact]
    public void NonFiniteLoss_IsNamedWithItsRank()
    {
        using var scope = NewDisposeScope();
        DetectionBatch batch = ToyData.Batch(1);
        using var sound = new ToyDetector();
        using var broken = new ToyDetector { Factor = _ => float.PositiveInfinity };

        (StepLosses Losses, double[] Weights)[] ranks = ThreadedCollectives.Run(
            2, c => Step(c.Rank == 0 ? sound : broken, [batch.Images[c.Rank]], parts: 1, c));

        Assert.All(ranks, r => Assert.Equal(
            new NonFiniteNumber("loss_box", double.PositiveInfinity, Rank: 1), r.Losses.NonFinite));
    }

    // E-84: clipping by value would turn an infinite gradient into one that looks well.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Overflow_IsSeenBeforeGradientsAreClipped(bool byNorm)
    {
        using var scope = NewDisposeScope();
        using var detector = new ToyDetector();
        double[] before = detector.parameters().SelectMany(p => p.Doubles()).ToArray();
        var scaler = new GradientScaler();

        (StepLosses losses, _) = Step(
            detector, ToyData.Batch(1).Images, 1, SingleProcess.Instance, new GradientClipping(byNorm, 1, 2), scaler,
            firstGradient: float.PositiveInfinity);

        Assert.False(double.IsFinite(losses.GradientNorm));
        Assert.Equal(32768, scaler.Scale);
        Assert.Equal(before, detector.parameters().SelectMany(p => p.Doubles()));
    }

    private static (StepLosses Losses, double[] Weights) Step(
        ToyDetector detector,
        IReadOnlyList<InputImage> images,
        int parts,
        ICollectives collectives,
        GradientClipping? clipping = null,
        GradientScaler? scaler = null,
        float firstGradient = 0)
    {
        using var scope = NewDisposeScope();
        var solver = new DetectionSolverSettings { BaseRate = 0.1, Clipping = clipping };
        using var optimizer = new DetectionOptimizer(
            [.. DetectorState.Entries(detector).Where(e => e.Trainable)], solver);
        var state = new DetectionState(detector, optimizer, scaler, seed: 0);
        optimizer.SetRates(1);
        optimizer.Parameters.Gradients[0] = firstGradient; // The step adds to it.
        var step = new DetectionStep(state, new DetectionPlacement(), parts, ToyData.Ready, collectives);

        StepLosses losses = step.Take(images, dataSeconds: 0, stopAsked: false);

        return (losses, optimizer.Parameters.Values.Doubles());
    }
}
