using Dense.Detection;
using Dense.Distributed;
using Dense.Torch.Tests.Tensors;
using Dense.Torch.Tests.Training.Detection.Logging;
using Dense.Torch.Tests.Training.Detection.Loop;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Evaluation;
using Dense.Training.Detection.Logging;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Training.Detection.Evaluation;

[LeakCheck]
public class ValidationLossTests
{
    [Fact]
    public void Loss_IsTheMeanOverBatchesAndChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var folder = new TempFolder();
        var screen = new RecordingScreen();
        using var log = new DetectionLog(folder.Path, 0, screen, TimeProvider.System);
        using var detector = new ToyDetector();
        detector.train();
        double[][] before = State(detector);
        DetectionBatch[] batches = [ToyData.Batch(0), ToyData.Batch(1), ToyData.Batch(2)];

        IReadOnlyDictionary<string, double> results = new ValidationLoss(detector, log, SingleProcess.Instance).Run(
            "toys", From(batches), ToyData.Ready, batches.Length);

        Assert.True(detector.training);
        Assert.Equal(before, State(detector));
        Assert.Equal(0, detector.TrainerState["passes"]);
        Assert.Equal(["validation_loss", "validation_loss_box", "validation_loss_count"], results.Keys);
        double[] expected = MeanInEvaluationMode(detector, batches);
        Assert.Equal(expected[0], results["validation_loss_box"], 1e-12);
        Assert.Equal(expected[1], results["validation_loss_count"], 1e-12);
        Assert.Equal(expected.Sum(), results["validation_loss"], 1e-12);
        Assert.Contains(screen.Notes, n => n.Message.StartsWith("Losses on toys: validation_loss: "));
    }

    [Fact]
    public void Loss_RestoresTheModeAfterAnError()
    {
        using var scope = NewDisposeScope();
        using var folder = new TempFolder();
        using var log = new DetectionLog(folder.Path, 0, null, TimeProvider.System);
        using var detector = new ToyDetector();
        detector.train();

        Assert.Throws<InvalidDataException>(() => new ValidationLoss(detector, log, SingleProcess.Instance).Run(
            "toys", () => throw new InvalidDataException(), ToyData.Ready, 1));

        Assert.True(detector.training);
    }

    private static double[] MeanInEvaluationMode(ToyDetector detector, DetectionBatch[] batches)
    {
        using var scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        detector.eval();
        double[][] losses = [.. batches.Select(b =>
        {
            using ImageBatch ready = ToyData.Ready(b.Images);
            return detector.Losses(ready, [.. b.Images.Select(i => i.GroundTruth!)])
                .Select(l => (double)l.Value.item<float>()).ToArray();
        })];
        return [.. Enumerable.Range(0, 2).Select(term => losses.Average(l => l[term]))];
    }

    private static double[][] State(ToyDetector detector) =>
        [.. DetectorState.Entries(detector).Select(e => e.Tensor.Doubles())];

    private static Func<DetectionBatch?> From(DetectionBatch[] batches)
    {
        int index = 0;
        return () => index < batches.Length ? batches[index++] : null;
    }
}
