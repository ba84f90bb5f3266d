using System.Text.Json;
using Dense.Training.Logging;

namespace Dense.Torch.Tests.Training.Logging;

public class TrainingLogTests
{
    private readonly ManualClock _clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));

    private static LogPoint Point => new()
    {
        Epoch = 1,
        Iteration = 50,
        IterationsPerEpoch = 462,
        CompletedIterations = 50,
        LearningRate = 0.3,
        Momentum = 0.9,
        Remaining = new TimeSpan(3, 21, 37, 36),
        StepSeconds = 0.912,
        DataSeconds = 0.4921,
        MemoryMebibytes = 12516,
        Losses = [new("loss_contra_single", 4.2904), new("loss_contra_dense", 4.3897), new("loss", 8.68)],
    };

    [Fact]
    public void TextLine_HasTheFormThatLogReadersParse() => Assert.Equal(
        "Epoch [1][50/462]\tlr: 3.000e-01, eta: 3 days, 21:37:36, time: 0.912, data_time: 0.492, memory: 12516, " +
        "loss_contra_single: 4.2904, loss_contra_dense: 4.3897, loss: 8.6800",
        TextLog.LineOf(Point));

    [Fact]
    public void TextLine_PutsExtrasBehindTheLossesAndLeavesAnUnknownEtaOut() => Assert.Equal(
        "Epoch [1][50/462]\tlr: 4.800e-06, time: 0.912, data_time: 0.492, memory: 12516, loss: 8.6800, " +
        "queue_fill: 0.2500",
        TextLog.LineOf(Point with
        {
            LearningRate = 4.8e-6,
            Remaining = null,
            Losses = [new("loss", 8.68)],
            Extras = [new("queue_fill", 0.25)],
        }));

    [Fact]
    public void Log_WritesAllFilesUnderOneRunId()
    {
        using var folder = new TempFolder();
        RunId run = RunId.Create(folder.Path, _clock);
        using (TrainingLog log = TrainingLog.Open(folder.Path, run, _clock))
        {
            log.Begin(new RunDescription("Linux", 7, "configs/densecl.yaml"));
            log.Write(Point);
            log.Note(LogLevel.Warning, "queue larger than the data set");
        }

        Assert.Equal("20260102_030405", run.Value);
        string[] lines = File.ReadAllLines(folder["20260102_030405.log"]);
        Assert.Equal($"2026-01-02 03:04:05,678 - densecl - INFO - {TextLog.LineOf(Point)}", lines[^2]);
        Assert.Equal("2026-01-02 03:04:05,678 - densecl - WARNING - queue larger than the data set", lines[^1]);
        Assert.True(File.Exists(folder["20260102_030405.log.json"]));
        Assert.Single(Directory.GetFiles(folder["tf_logs"]));
    }

    [Fact]
    public void JsonLog_StartsWithTheRunAndRoundsToFiveDecimals()
    {
        using var folder = new TempFolder();
        using (var log = new JsonLinesLog(folder.Path, new RunId("r")))
        {
            log.Begin(new RunDescription("Linux", 7, "a.yaml"));
            log.Write(
                Point with { StepSeconds = 0.123456789, Extras = [new("lambda", 0.5), new("broken", double.NaN)] });
            log.WriteEvaluation(462, 1, [new("knn_top1", 61.25)]);
        }

        string[] lines = File.ReadAllLines(folder["r.log.json"]);
        Assert.Equal("""{"env_info":"Linux","seed":7,"config":"a.yaml"}""", lines[0]);
        Assert.Equal(
            """{"mode":"train","epoch":1,"iter":50,"lr":0.3,"time":0.12346,"data_time":0.4921,"memory":12516""" +
            ""","loss_contra_single":4.2904,"loss_contra_dense":4.3897,"loss":8.68,"lambda":0.5,"broken":null}""",
            lines[1]);
        Assert.Equal("""{"mode":"val","epoch":1,"iter":462,"knn_top1":61.25}""", lines[2]);
        Assert.All(lines, line => JsonDocument.Parse(line).Dispose());
    }

    [Fact]
    public void JsonLog_CanBeReadWhileTheRunGoesOn()
    {
        using var folder = new TempFolder();
        using var log = new JsonLinesLog(folder.Path, new RunId("r"));
        log.Write(Point);

        using var reader = new StreamReader(
            new FileStream(folder["r.log.json"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite));

        Assert.EndsWith("}\n", reader.ReadToEnd());
    }

    [Fact]
    public void TensorBoardLog_NamesCurvesAfterTheTermAndCountsIterationsFromZero()
    {
        using var folder = new TempFolder();
        using (var log = new TensorBoardLog(folder.Path, _clock))
        {
            log.Write(Point);
            log.WriteEvaluation(50, 1, [new("knn_top1", 61.25)]);
        }

        var values = EventFile.Read(Directory.GetFiles(folder["tf_logs"]).Single())
            .Where(e => e.Summary is not null)
            .ToDictionary(e => e.Summary.Value[0].Tag, e => (e.Step, e.Summary.Value[0].SimpleValue));
        Assert.Equal((49, 4.2904f), values["loss_contra_single/train"]);
        Assert.Equal((49, 8.68f), values["loss/train"]);
        Assert.Equal((49, 0.3f), values["learning_rate"]);
        Assert.Equal((49, 0.9f), values["momentum"]);
        Assert.Equal((49, 61.25f), values["knn_top1/val"]);
    }

    [Fact]
    public void RunId_IsNewWhenTheSameSecondAlreadyHasALog()
    {
        using var folder = new TempFolder();
        folder.Write("20260102_030405.log", "");

        Assert.Equal("20260102_030405_2", RunId.Create(folder.Path, _clock).Value);
    }

    [Theory]
    [InlineData(50, 462, true)]
    [InlineData(51, 462, false)]
    [InlineData(450, 462, true)]
    [InlineData(462, 462, true)]
    [InlineData(7, 7, true)]
    [InlineData(6, 7, false)]
    public void LogPoint_IsDueEveryFiftyIterationsAndAtTheEndOfTheEpoch(int iteration, int perEpoch, bool due) =>
        Assert.Equal(due, TrainingLog.IsDue(iteration, perEpoch, interval: 50));

    [Theory]
    [InlineData(66.9, "0:01:06")]
    [InlineData(134_124, "1 day, 13:15:24")]
    [InlineData(172_805, "2 days, 0:00:05")]
    [InlineData(-1, "0:00:00")]
    public void Duration_ReadsAsInPython(double seconds, string text) =>
        Assert.Equal(text, DurationText.Of(TimeSpan.FromSeconds(seconds)));
}
