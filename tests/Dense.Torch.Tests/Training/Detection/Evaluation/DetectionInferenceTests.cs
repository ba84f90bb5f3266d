using Dense.Torch.Tests.Training.Detection.Logging;
using Dense.Torch.Tests.Training.Detection.Loop;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Evaluation;
using Dense.Training.Detection.Logging;

namespace Dense.Torch.Tests.Training.Detection.Evaluation;

[LeakCheck]
public class DetectionInferenceTests
{
    [Fact]
    public void Inference_KeepsOrderAndModeAndReportsItsTimes()
    {
        using var folder = new TempFolder();
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var detector = new ToyDetector();
        var screen = new RecordingScreen();
        var clock = new ManualClock(DateTimeOffset.UnixEpoch);
        using var log = new DetectionLog(folder.Path, 0, screen, clock);
        detector.train();
        int next = 0;

        PredictionList predictions = new DetectionInference(detector, log, clock).Run(Next, ToyData.Ready, 12);

        Assert.Equal(Enumerable.Range(0, 24).Select(i => (long)i), predictions.Images.Select(i => i.Id));
        Assert.True(detector.training);
        Assert.Equal(
            "Inference done 11/12. Dataloading: 0.2083 s/iter. Inference: 0.0000 s/iter. Eval: 0.0000 s/iter. "
            + "Total: 2.5000 s/iter. ETA=0:00:02",
            screen.Notes[1].Message);
        Assert.Contains(screen.Notes,
            n => n.Message == "Total inference time: 0:00:18 (2.571429 s / iter per device, on 1 devices)");
        Assert.Contains(screen.Notes, n => n.Message.StartsWith("Total inference pure compute time: 0:00:00 ("));

        DetectionBatch? Next()
        {
            if (next == 12)
                return null;

            clock.Now += TimeSpan.FromSeconds(3);
            return ToyData.Batch(next++);
        }
    }

    // E-121: a line in five seconds at most; where an image takes longer than that, from the first on.
    [Theory]
    [InlineData(1, 30, new[] { 11, 16, 21, 26 })]
    [InlineData(6, 4, new[] { 1, 2, 3, 4 })]
    [InlineData(5, 4, new int[0])]
    public void Lines_KeepTheirDistance(int seconds, int count, int[] expected)
    {
        using var folder = new TempFolder();
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var detector = new ToyDetector();
        var screen = new RecordingScreen();
        var clock = new ManualClock(DateTimeOffset.UnixEpoch);
        using var log = new DetectionLog(folder.Path, 0, screen, clock);
        int next = 0;

        new DetectionInference(detector, log, clock).Run(
            () => next < count ? ToyData.Batch(next++) : null,
            images =>
            {
                clock.Now += TimeSpan.FromSeconds(seconds);
                return ToyData.Ready(images);
            },
            count);

        Assert.Equal(
            expected.Select(i => $"Inference done {i}/{count}."),
            screen.Notes.Select(n => n.Message).Where(m => m.StartsWith("Inference done"))
                .Select(m => m[..(m.IndexOf('.') + 1)]));
    }
}
