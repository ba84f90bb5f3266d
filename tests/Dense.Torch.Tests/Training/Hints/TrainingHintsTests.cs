using Dense.Training.Hints;
using Dense.Training.Logging;

namespace Dense.Torch.Tests.Training.Hints;

public class TrainingHintsTests
{
    private static readonly HintSettings Coco = new()
    {
        DatasetSize = 118_287,
        QueueLength = 16_384,
        GlobalBatchSize = 256,
    };

    [Fact]
    public void Start_AnnouncesTheRiseWhileTheQueueFills()
    {
        Hint hint = Assert.Single(new TrainingHints(Coco).AtStart());

        Assert.Equal(LogLevel.Info, hint.Level);
        Assert.Contains("expected until step 64", hint.Message);
        Assert.Contains("9.70", hint.Message);
    }

    [Fact]
    public void Start_WarnsOfAQueueLargerThanHalfTheDataSetAndNamesABetterOne()
    {
        // The user with 170 images (users' pain 11).
        var hints = new TrainingHints(Coco with { DatasetSize = 170, GlobalBatchSize = 32 });

        Hint warning = Assert.Single(hints.AtStart(), h => h.Level == LogLevel.Warning);
        Assert.Contains("Set the queue length to 64", warning.Message);
    }

    [Theory]
    [InlineData(32_768, false)]
    [InlineData(32_766, true)]
    public void Start_DrawsTheLineAtHalfTheDataSet(int datasetSize, bool warned)
    {
        var hints = new TrainingHints(Coco with { DatasetSize = datasetSize });

        Assert.Equal(warned, hints.AtStart().Any(h => h.Level == LogLevel.Warning));
    }

    [Fact]
    public void FullQueue_IsAnnouncedOnce()
    {
        var hints = new TrainingHints(Coco);

        Assert.Empty(hints.After(new HintFigures(63)));
        Assert.Contains("queue is full", Assert.Single(hints.After(new HintFigures(64))).Message);
        Assert.Empty(hints.After(new HintFigures(100)));
    }

    [Fact]
    public void LossAtChanceLevel_IsAnAlarmOnceThePatienceIsOver()
    {
        var hints = new TrainingHints(Coco);
        hints.After(new HintFigures(64));
        HintFigures At(long step, double loss) => new(step) { ContrastiveLosses = [("loss_contra_dense", loss)] };

        Assert.Empty(hints.After(At(2063, hints.ChanceLevel)));
        Assert.Empty(hints.After(At(2064, 9.5)));
        Hint alarm = Assert.Single(hints.After(At(2064, 9.7041)));
        Assert.Empty(hints.After(At(2100, 9.7041)));

        Assert.Equal(LogLevel.Warning, alarm.Level);
        Assert.Contains("loss_contra_dense is 9.7041", alarm.Message);
    }

    [Fact]
    public void MethodWithoutQueue_GetsNoHintsAboutQueues()
    {
        var hints = new TrainingHints(new HintSettings { DatasetSize = 100, GlobalBatchSize = 10 });

        Assert.Empty(hints.AtStart());
        Assert.Empty(hints.After(new HintFigures(100_000) { ContrastiveLosses = [("loss", 0)] }));
    }

    [Theory]
    [InlineData(0.01, true)]
    [InlineData(0.9, false)]
    [InlineData(null, false)]
    public void Collapse_IsReportedWhenTheEmbeddingsAreAlike(double? spread, bool reported)
    {
        IReadOnlyList<Hint> hints = new TrainingHints(Coco).After(new HintFigures(1) { EmbeddingSpread = spread });

        Assert.Equal(reported, hints.Any(h => h.Message.Contains("collapsed")));
    }

    [Fact]
    public void WaitingForData_IsReportedAboveATenthAndAgainAfterItHadEnded()
    {
        var hints = new TrainingHints(Coco);
        int Warnings(double data) => hints.After(new HintFigures(1) { StepSeconds = 1, DataSeconds = data }).Count;

        Assert.Equal(
            [0, 1, 0, 0, 1], new[] { Warnings(0.1), Warnings(0.2), Warnings(0.3), Warnings(0.05), Warnings(0.2) });
    }
}
