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
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void StepInTwoParts_IsTheStepOfTwiceAsManyProcesses(int processes)
    {
        using var scope = NewDisposeScope();
        InputImage[] images = [.. ToyData.Batch(1).Images, .. ToyData.Batch(2).Images];
        ToyDetector[] detectors = [.. Enumerable.Range(0, 7).Select(_ => new ToyDetector())];

        (StepLosses Losses, double[] Weights) Run(int world, int parts, ICollectives ranks, ToyDetector detector)
        {
            InputImage[] own = [.. images.Take(2 * processes).Chunk(2 * processes / world).ElementAt(ranks.Rank)];
            return Step(detector, own, parts, ranks);
        }

        (StepLosses losses, double[] weights) = ThreadedCollectives.Run(
            processes, c => Run(processes, 2, c, detectors[c.Rank]))[0];
        (StepLosses expected, double[] expectedWeights) = ThreadedCollectives.Run(
            2 * processes, c => Run(2 * processes, 1, c, detectors[2 + c.Rank]))[0];

        Assert.Equal(expected.Terms.Select(t => t.Name), losses.Terms.Select(t => t.Name));
        foreach (var (one, other) in expected.Terms.Zip(losses.Terms))
            Assert.Equal(one.Value, other.Value, 1e-6);

        Assert.Equal(expected.GradientNorm, losses.GradientNorm, 1e-6);
        Assert.InRange(TensorValues.Distance(expectedWeights, weights), 0, 1e-7);
        Assert.NotEqual(Step(detectors[6], images, parts: 1, SingleProcess.Instance).Weights, weights);
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
