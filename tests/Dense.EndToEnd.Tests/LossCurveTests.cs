using Dense.Cli.Quickstart;

namespace Dense.EndToEnd.Tests;

public sealed class LossCurveTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // E-171: as the reference writes them.
    [Fact]
    public void Metrics_WithBareWordsAreRead()
    {
        _folder.Write("metrics.json", """
            {"iteration": 19, "total_loss": 2.5}
            {"iteration": 39, "total_loss": 1.5, "bbox/APs": NaN, "lr": -Infinity}
            {"bbox/AP": Infinity, "iteration": 40, "bbox/APm": NaN}
            """);

        LossCurve curve = LossCurve.OfFineTuning("x", _folder.Path);

        Assert.Equal([20.0, 40], curve.Iterations);
        Assert.Equal([2.5, 1.5], curve.Losses);
        Assert.Null(LossCurve.LastFigure(_folder.Path, "bbox/APm"));
    }
}
