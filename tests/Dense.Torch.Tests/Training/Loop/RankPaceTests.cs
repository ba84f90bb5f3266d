using Dense.Torch.Tests.Pretraining.Trajectories;
using Dense.Training.Loop;

namespace Dense.Torch.Tests.Training.Loop;

/// <summary>A slow rank is named, once.</summary>
public class RankPaceTests
{
    [Theory]
    [InlineData(1.0, null)]
    [InlineData(1.4, null)]
    [InlineData(1.6, "Rank 2 is slow: it works 1.600 s per step, the others 1.000 s")]
    public void SlowRank_IsNamedOnAllRanks(double seconds, string? expected)
    {
        string?[] said = Run(seconds, comparisons: 1);

        Assert.All(said, s => Assert.Equal(expected is null, s is null));
        Assert.All(said, s => Assert.StartsWith(expected ?? "", s ?? ""));
    }

    [Fact]
    public void SlowRank_IsNotNamedAgainWhileItStaysSlow() => Assert.All(Run(2, comparisons: 2), Assert.Null);

    // What the last comparison says on each of four ranks, of which rank 2 works so long per step.
    private static string?[] Run(double seconds, int comparisons) => ThreadedCollectives.Run(4, ranks =>
    {
        var clock = new ManualClock(DateTimeOffset.UnixEpoch);
        var pace = new RankPace(ranks, clock);
        string? said = null;
        for (int step = 1; step <= 3 * comparisons; step++)
        {
            pace.Begin();
            clock.Now += TimeSpan.FromSeconds(ranks.Rank == 2 ? seconds : 1);
            pace.End();
            if (step % 3 == 0)
                said = pace.Compare();
        }

        return said;
    });
}
