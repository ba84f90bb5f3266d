using Dense.Distributed.Liveness;
using Dense.Distributed.Tests.Launch;

namespace Dense.Distributed.Tests.Liveness;

/// <summary>E-148: how long ranks wait, by the environment.</summary>
[Collection(EnvironmentVariables.Alone)]
public class RankLimitsTests
{
    [Theory]
    [InlineData(null, null, 1800, 60)]
    [InlineData("1.5", null, 1.5, 60)]
    [InlineData("", "2e3", 1800, 2000)]
    public void Environment_SetsEachLimitByItself(
        string? collective, string? silence, double collectiveSeconds, double silenceSeconds)
    {
        using var variables = new EnvironmentVariables(
            (RankLimits.CollectiveVariable, collective), (RankLimits.SilenceVariable, silence));

        RankLimits limits = RankLimits.FromEnvironment();

        Assert.Equal(collectiveSeconds, limits.Collective.TotalSeconds);
        Assert.Equal(silenceSeconds, limits.Silence.TotalSeconds);
    }
}
