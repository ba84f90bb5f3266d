using Dense.Training.Metrics;

namespace Dense.Torch.Tests.Training.Metrics;

public class RemainingTimeTests
{
    private readonly ManualClock _clock = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public void Remaining_IsMeanTimePerIterationTimesRemainingIterations()
    {
        var remaining = new RemainingTime(_clock, completedIterations: 0, totalIterations: 100);

        Assert.Null(remaining.After(0));
        _clock.Now += TimeSpan.FromSeconds(20);
        Assert.Equal(TimeSpan.FromSeconds(180), remaining.After(10));
    }

    [Fact]
    public void Remaining_CountsOnlyThisRunsIterationsAfterAResume()
    {
        var remaining = new RemainingTime(_clock, completedIterations: 90, totalIterations: 100);

        _clock.Now += TimeSpan.FromSeconds(20);

        Assert.Equal(TimeSpan.FromSeconds(20), remaining.After(95));
    }
}
