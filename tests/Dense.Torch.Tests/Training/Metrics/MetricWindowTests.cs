using Dense.Training.Metrics;

namespace Dense.Torch.Tests.Training.Metrics;

public class MetricWindowTests
{
    [Fact]
    public void Mean_CoversTheLastValuesOnly()
    {
        var window = new MetricWindow(capacity: 2);
        foreach (double value in new double[] { 100, 1, 2 })
            window.Add("loss", value);

        Assert.Equal(1.5, window.Mean("loss"));
    }

    [Fact]
    public void Mean_WeighsByBatchSize()
    {
        var window = new MetricWindow(capacity: 50);
        window.Add("loss", 1, weight: 32);
        window.Add("loss", 4, weight: 16);

        Assert.Equal(2.0, window.Mean("loss"), 12);
    }

    [Fact]
    public void Means_KeepTheOrderOfFirstAppearance()
    {
        var window = new MetricWindow(capacity: 3);
        window.Add([new("loss_b", 1), new("loss_a", 2), new("loss", 3)]);
        window.Add([new("loss", 5), new("loss_a", 2)]);

        Assert.Equal(["loss_b", "loss_a", "loss"], window.Means().Select(f => f.Name));
        Assert.Equal(4, window.Means()[2].Value);
    }

    [Fact]
    public void Clear_ForgetsEverything()
    {
        var window = new MetricWindow(capacity: 3);
        window.Add("loss", 1);
        window.Clear();

        Assert.Empty(window.Means());
        Assert.True(double.IsNaN(window.Mean("loss")));
    }
}
