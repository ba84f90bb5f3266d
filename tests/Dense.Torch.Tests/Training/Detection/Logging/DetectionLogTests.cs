using System.Text.Json;
using Dense.Training.Detection.Logging;

namespace Dense.Torch.Tests.Training.Detection.Logging;

public sealed class DetectionLogTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new(new DateTimeOffset(2026, 11, 24, 13, 5, 7, TimeSpan.Zero));
    private readonly RecordingScreen _screen = new();

    // The line of E-159, and its line of metrics.json in E-163.
    [Fact]
    public void Metrics_HaveTheFormOfTheReference()
    {
        using (var log = new DetectionLog(_folder.Path, 0, _screen, _clock))
        {
            PutStep(log, 19, time: 0.0043, data: 0.0025);
            log.WriteMetrics(19, 20, 3996L << 20);
        }

        Assert.Equal(
            "[11/24 13:05:07] d2.utils.events INFO:  eta: 0:00:00  iter: 19  total_loss: 1.84  loss_cls: 1.008  "
            + "loss_box: 0.8325    time: 0.0043  last_time: 0.0043  data_time: 0.0025  last_data_time: 0.0025   "
            + "lr: 4.8e-06  max_mem: 3996M\n",
            File.ReadAllText(_folder["log.txt"]));
        Assert.Equal(
            "{\"data_time\": 0.0025, \"eta_seconds\": 0.0, \"iteration\": 19, \"loss_box\": 0.8325, \"loss_cls\": "
            + "1.0077, \"lr\": 4.8e-06, \"time\": 0.0043, \"total_loss\": 1.8402}\n",
            File.ReadAllText(_folder["metrics.json"]));
        Assert.Single(Directory.GetFiles(_folder.Path, "events.out.tfevents.*"));
    }

    [Fact]
    public void Metrics_OfAnEarlierIterationFollowThoseOfTheLogPoint()
    {
        using (var log = new DetectionLog(_folder.Path, 0, _screen, _clock))
        {
            PutStep(log, 19, 1, 1);
            log.WriteMetrics(19, 40, null);
            log.Scalars.Put("bbox/AP", 12.5, 24, smooth: false);
            PutStep(log, 39, 1, 1);
            log.WriteMetrics(39, 40, null);
            log.Scalars.Put("bbox/AP", double.NaN, 40, smooth: false);
            log.WriteMetrics(40, 40, null);
        }

        JsonElement[] lines =
            [.. File.ReadLines(_folder["metrics.json"]).Select(l => JsonDocument.Parse(l).RootElement)];
        Assert.Equal([19, 39, 24, 40], lines.Select(l => l.GetProperty("iteration").GetInt32()));
        Assert.Equal(JsonValueKind.Null, lines[3].GetProperty("bbox/AP").ValueKind);
        Assert.Equal(2, _screen.Notes.Count(n => n.Message.Contains(" iter: ")));
    }

    [Fact]
    public void Metrics_WriteTheBareTokenOnRequest()
    {
        using (var log = new DetectionLog(_folder.Path, 0, _screen, _clock, bareNan: true))
        {
            log.Scalars.Put("bbox/APs", double.NaN, 5, smooth: false);
            log.WriteMetrics(5, 5, null);
        }

        Assert.Equal("{\"bbox/APs\": NaN, \"iteration\": 5}\n", File.ReadAllText(_folder["metrics.json"]));
    }

    [Fact]
    public void OtherRanks_WriteATextFileOnly()
    {
        using (var log = new DetectionLog(_folder.Path, 1, _screen, _clock))
        {
            log.Warn("careful");
            log.Scalars.Put("total_loss", 1, 0);
            log.WriteMetrics(0, 1, null);
        }

        Assert.Equal(["log.txt.rank1"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
        Assert.Equal("[11/24 13:05:07] d2 WARNING: careful\n", File.ReadAllText(_folder["log.txt.rank1"]));
        Assert.Empty(_screen.Notes);
    }

    // E-157: the median of an even number of values is the mean of the middle two; older iterations do not count.
    [Fact]
    public void History_TakesTheMedianOfTheWindow()
    {
        var history = new ScalarHistory(smooth: true);
        foreach (var (value, iteration) in new[] { (100.0, 0L), (1.0, 10L), (4.0, 20L), (2.0, 25L), (3.0, 29L) })
            history.Put(value, iteration);

        Assert.Equal(2.5, history.WindowMedian(20));
        Assert.Equal(3, history.WindowMean(10));
        Assert.Equal(3, history.Median(3));
        Assert.Equal(22, history.Mean);
    }

    [Theory]
    [InlineData(1e-5, "1e-05")]
    [InlineData(0.00012345678, "0.0001235")]
    [InlineData(1.00768, "1.008")]
    [InlineData(1.5, "1.5")]
    [InlineData(12345.6, "1.235e+04")]
    [InlineData(9999.96, "1e+04")]
    [InlineData(0, "0")]
    [InlineData(double.NaN, "nan")]
    [InlineData(double.NegativeInfinity, "-inf")]
    public void Digits_AreThoseOfPython(double value, string expected) =>
        Assert.Equal(expected, SignificantDigits.Format(value, 4));

    [Fact]
    public void RemainingTime_IsGuessedFromTheClockBeforeStepsAreTimed()
    {
        using var log = new DetectionLog(_folder.Path, 0, _screen, _clock);
        Assert.Null(log.Remaining(0, 100));

        log.WriteMetrics(9, 100, null);
        _clock.Now += TimeSpan.FromSeconds(30);
        Assert.Equal(TimeSpan.FromSeconds(3 * 80), log.Remaining(19, 100));

        log.Scalars.Put("time", 0.5, 20);
        Assert.Equal(TimeSpan.FromSeconds(0.5 * 79), log.Remaining(20, 100));
    }

    public void Dispose() => _folder.Dispose();

    private static void PutStep(DetectionLog log, long iteration, double time, double data)
    {
        log.Scalars.Put("data_time", data, iteration);
        log.Scalars.Put("total_loss", 1.8402, iteration);
        log.Scalars.Put("loss_cls", 1.0077, iteration);
        log.Scalars.Put("loss_box", 0.8325, iteration);
        log.Scalars.Put("time", time, iteration);
        log.Scalars.Put("lr", 4.8e-6, iteration, smooth: false);
    }
}
