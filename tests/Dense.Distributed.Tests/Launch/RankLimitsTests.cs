using Dense.Distributed.Launch;

namespace Dense.Distributed.Tests.Launch;

/// <summary>E-148: how long ranks wait, by the environment.</summary>
public sealed class RankLimitsTests : IDisposable
{
    private static readonly string[] Variables = [RankLimits.CollectiveVariable, RankLimits.SilenceVariable];

    private readonly string?[] _before = [.. Variables.Select(Environment.GetEnvironmentVariable)];

    [Fact]
    public void Environment_SetsEachLimitByItself()
    {
        Set("1.5", null);
        Assert.Equal(new RankLimits { Collective = TimeSpan.FromSeconds(1.5) }, RankLimits.FromEnvironment());

        Set("", "2e3");
        Assert.Equal(new RankLimits { Silence = TimeSpan.FromSeconds(2000) }, RankLimits.FromEnvironment());
    }

    public void Dispose() => Set(_before);

    private static void Set(params string?[] values)
    {
        foreach (var (variable, value) in Variables.Zip(values))
            Environment.SetEnvironmentVariable(variable, value);
    }
}
