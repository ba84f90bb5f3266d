using Dense.Checkpoints;
using Dense.Torch.Tests.Pretraining.Trajectories;
using Dense.Training.Detection.Loop;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Training.Detection.Loop;

[LeakCheck]
public class RankAgreementTests
{
    private const int Ranks = 3;

    [Fact]
    public void Seed_IsThatOfTheFirstRank() => Assert.Equal(
        [1000, 1000, 1000],
        ThreadedCollectives.Run(Ranks, ranks => RankAgreement.Share(1000 + ranks.Rank, ranks)));

    [Theory]
    [InlineData(4, 3, 4, 3, null)]
    [InlineData(4, 3, 0, 3, "rank 0 after 4 iterations, rank 2 after 0.")]
    [InlineData(4, 3, 4, 9, "rank 2 after 4 with other momentum or seed")]
    public void RanksThatResumeElsewhere_AreNamedOnEveryRank(
        long completed, long seed, long lastCompleted, long lastSeed, string? expected)
    {
        string?[] messages = ThreadedCollectives.Run(Ranks, ranks =>
        {
            using DisposeScope scope = NewDisposeScope();
            bool isLast = ranks.Rank == Ranks - 1;
            using var run = new ToyRun(seed: isLast ? lastSeed : seed);
            run.State.Completed = isLast ? lastCompleted : completed;
            return Record.Exception(() => RankAgreement.Require(run.State, "output", ranks)) is { } e
                ? Assert.IsType<CheckpointFormatException>(e).Message
                : null;
        });

        Assert.All(messages, message =>
        {
            if (expected is null)
                Assert.Null(message);
            else
                Assert.Contains(expected, message);
        });
    }
}
