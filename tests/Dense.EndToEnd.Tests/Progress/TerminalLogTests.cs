using Dense.Cli.Progress;
using Dense.Training.Logging;

namespace Dense.EndToEnd.Tests.Progress;

public sealed class TerminalLogTests : IDisposable
{
    private static readonly StepProgress Step = new(3, 800, 120, 462, new TimeSpan(3, 21, 37, 36));

    private static readonly LogPoint Point = new()
    {
        Epoch = 3,
        Iteration = 100,
        IterationsPerEpoch = 462,
        CompletedIterations = 1024,
        LearningRate = 0.3,
        Remaining = Step.Remaining,
        StepSeconds = 0.912,
        DataSeconds = 0.0456,
        MemoryMebibytes = 12516,
        Losses = [new("loss_contra_single", 4.2904), new("loss", 8.68)],
        Extras = [new("images_per_second", 35.09)],
    };

    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly ManualClock _clock = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public void Line_ShowsPositionTimeSpeedLossesRateWaitAndMemory() => Assert.Equal(
        "epoch 3/800 [#####---------------] 120/462  eta 3 days, 21:37:36  35.1 img/s  loss 8.6800  " +
        "loss_contra_single 4.2904  lr 3.00e-01  data 5%  12516 MiB",
        ProgressText.Of(Step, Point, width: 500));

    [Theory]
    [InlineData(70, "epoch 3/800 [#####---------------] 120/462  eta 3 days, 21:37:36")]
    [InlineData(45, "epoch 3/800 [#####---------------] 120/462")]
    [InlineData(11, "epoch 3/800")]
    public void Line_FitsANarrowTerminalByWholeFigures(int width, string expected) =>
        Assert.Equal(expected, ProgressText.Of(Step, Point, width));

    [Fact]
    public void Line_BeforeTheFirstLogPointShowsThePositionOnly() => Assert.Equal(
        "epoch 1/2 [####################] 5/5", ProgressText.Of(new StepProgress(1, 2, 5, 5, null), null, 100));

    [Fact]
    public void Terminal_IsRewrittenInOneLineAtMostTenTimesASecond()
    {
        using (TerminalLog log = Open(width: 43))
        {
            log.Step(Step);
            log.Step(Step with { Iteration = 121 });
            _clock.Now += TimeSpan.FromSeconds(0.2);
            log.Step(Step with { Iteration = 122 });
        }

        Assert.Equal(
            "\r\x1b[Kepoch 3/800 [#####---------------] 120/462" +
            "\r\x1b[Kepoch 3/800 [#####---------------] 122/462" +
            "\r\x1b[Kepoch 3/800 [#####---------------] 122/462\n",
            _output.ToString());
    }

    [Fact]
    public void Terminal_ShowsMessagesAboveTheLine()
    {
        TerminalLog log = Open(width: 43);
        log.Note(LogLevel.Info, "starting");
        log.Step(Step);
        log.Note(LogLevel.Warning, "waiting for data");

        Assert.Equal(
            "starting\n" +
            "\r\x1b[Kepoch 3/800 [#####---------------] 120/462" +
            "\r\x1b[Kwarning: waiting for data\n" +
            "\r\x1b[Kepoch 3/800 [#####---------------] 120/462",
            _output.ToString());
    }

    [Fact]
    public void File_GetsThePlainLinesOfTheTextLog()
    {
        using (TerminalLog log = Open(width: null))
        {
            log.Step(Step);
            log.Write(Point);
            log.WriteEvaluation(1386, 3, [new("knn_top1", 61.25)]);
        }

        Assert.Equal(
            $"{TextLog.LineOf(Point)}\nevaluation after epoch 3: knn_top1 61.2500\n", _output.ToString());
    }

    public void Dispose() => _output.Dispose();

    private TerminalLog Open(int? width) => new(_output, width is { } w ? () => w : null, _clock);
}
