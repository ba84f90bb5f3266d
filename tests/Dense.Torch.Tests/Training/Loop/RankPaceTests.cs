using Dense.Distributed;
using Dense.Torch.Tests.Pretraining.Trajectories;
using Dense.Training.Loop;
using static TorchSharp.torch;

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

    [Fact]
    public void RanksThatDoNotWorkAtAll_AreNotNamed() => Assert.All(Run(0.1, comparisons: 1, usual: 0), Assert.Null);

    // What the last comparison says on each of four ranks, of which rank 2 works so long per step; the others wait.
    private static string?[] Run(
        double seconds, int comparisons, double usual = 1) => ThreadedCollectives.Run(4, ranks =>
    {
        var clock = new ManualClock(DateTimeOffset.UnixEpoch);
        var waiting = new WaitingRank(ranks);
        var pace = new RankPace(waiting, clock);
        string? said = null;
        for (int step = 1; step <= 3 * comparisons; step++)
        {
            pace.Begin();
            double worked = ranks.Rank == 2 ? seconds : usual;
            clock.Now += TimeSpan.FromSeconds(seconds);
            waiting.Waited += TimeSpan.FromSeconds(seconds - worked);
            pace.End();
            if (step % 3 == 0)
                said = pace.Compare();
        }

        return said;
    });

    private sealed class WaitingRank(ICollectives ranks) : ICollectives
    {
        public TimeSpan Waited { get; set; }

        public int Rank => ranks.Rank;

        public int WorldSize => ranks.WorldSize;

        public void SumInPlace(Tensor tensor) => ranks.SumInPlace(tensor);

        public Tensor Gather(Tensor tensor) => ranks.Gather(tensor);

        public void BroadcastInPlace(Tensor tensor) => ranks.BroadcastInPlace(tensor);

        public void Barrier() => ranks.Barrier();
    }
}
