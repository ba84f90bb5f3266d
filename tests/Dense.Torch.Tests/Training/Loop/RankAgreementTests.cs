using Dense.Checkpoints;
using Dense.Distributed;
using Dense.Torch.Tests.Pretraining.Trajectories;
using Dense.Training.Loop;

namespace Dense.Torch.Tests.Training.Loop;

[LeakCheck]
public sealed class RankAgreementTests : IDisposable
{
    private const int Ranks = 3;

    private readonly TempFolder _folder = new();

    [Fact]
    public void Number_IsThatOfTheFirstRank() => Assert.Equal(
        [long.MaxValue - 7, long.MaxValue - 7, long.MaxValue - 7],
        ThreadedCollectives.Run(Ranks, ranks => RankAgreement.Share(long.MaxValue - 7 + ranks.Rank, ranks)));

    [Fact]
    public void Text_IsThatOfTheFirstRank() => Assert.Equal(
        ["Ä_2", "Ä_2", "Ä_2"],
        ThreadedCollectives.Run(Ranks, ranks => RankAgreement.Share(ranks.Rank == 0 ? "Ä_2" : "another one", ranks)));

    // E-42, E-72, E-179: the others neither look nor need to have it.
    [Fact]
    public void Checkpoint_IsThatOfTheFirstRank()
    {
        string path = _folder["model.pth"];
        TorchFile.Write(path, new CheckpointMap { { "iteration", 41L } });

        Assert.Equal([(path, 41), (path, 41), (path, 41)], Found(() => CheckpointFile.Read(path)));
    }

    [Fact]
    public void NoCheckpoint_IsSharedToo() => Assert.Equal([null, null, null], Found(() => null));

    [Fact]
    public void OneRank_KeepsItsOwn()
    {
        Assert.Equal(5, RankAgreement.Share(5, SingleProcess.Instance));
        Assert.Null(RankAgreement.Share(() => null, SingleProcess.Instance));
    }

    public void Dispose() => _folder.Dispose();

    private static (string, long)?[] Found(Func<CheckpointFile?> find) =>
        ThreadedCollectives.Run<(string, long)?>(Ranks, ranks =>
        {
            using CheckpointFile? file = RankAgreement.Share(
                ranks.Rank == 0 ? find : () => throw new InvalidOperationException("Another rank looks."), ranks);
            return file is null ? null : (file.Name, file.Map.GetInt64("iteration"));
        });
}
