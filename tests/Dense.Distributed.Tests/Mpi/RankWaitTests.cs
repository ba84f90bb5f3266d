using System.Diagnostics;
using Dense.Distributed.Liveness;
using Dense.Distributed.Mpi;

namespace Dense.Distributed.Tests.Mpi;

/// <summary>R12: who is waited for how long, without processes.</summary>
public sealed class RankWaitTests : IDisposable
{
    private static readonly RankLimits Short = new()
    {
        Collective = TimeSpan.FromSeconds(0.3),
        Silence = TimeSpan.FromSeconds(0.3),
    };

    private readonly TempFolder _folder = new();
    private readonly RankBoard _board;

    public RankWaitTests() => _board = RankBoard.Create(_folder["board"], 3);

    [Fact]
    public void CompleteOperation_IsNotLookedAt()
    {
        _board.ClaimFailure(2, 1);

        Wait(Short, isDone: () => true);
    }

    [Fact]
    public void OperationBeyondTheLimit_NamesTheRanksThatHaveNotComeToIt()
    {
        _board.Enter(0);
        _board.Arrive(0, Operation(7));
        using RankBoard late = RankBoard.Open(_folder["board"]);
        late.Enter(1);
        late.Arrive(1, Operation(6));

        var e = Assert.Throws<RankLostException>(() => Wait(Short with { Silence = TimeSpan.FromHours(1) }));

        Assert.Contains("not all ranks came within 0.3 s: rank 1 is missing", e.Message);
        Assert.Contains("last in operation 6, sum of", e.Message);
        Assert.Contains(RankLimits.CollectiveVariable, e.Message);
    }

    [Fact]
    public void PatientWait_HasNoLimitWhileTheOthersLive()
    {
        var wait = new RankWait(0, Short, _board);
        var clock = Stopwatch.StartNew();

        wait.For(() => clock.Elapsed > 2 * Short.Collective, Operation(7), patient: true);

        Assert.True(wait.Total > Short.Collective);
        Assert.Throws<RankLostException>(() => wait.For(() => false, Operation(7)));
    }

    // Rank 1 signs on, and its signs of life end.
    [Fact]
    public void SilentRank_IsNamedToThePatientToo()
    {
        using (RankBoard silent = RankBoard.Open(_folder["board"]))
            silent.Enter(1);

        var e = Assert.Throws<RankLostException>(() => Wait(Short, patient: true));

        Assert.Contains("rank 1 has given no sign of life for 0.3 s", e.Message);
        Assert.Contains("before its first operation", e.Message);
    }

    [Fact]
    public void FailedRank_EndsTheWaitOfOthersButNotItsOwn()
    {
        _board.ClaimFailure(2, 1);

        Assert.Equal(
            "rank 2 has failed.", Assert.Throws<RankLostException>(() => Wait(new RankLimits())).Message);
        Assert.Contains(
            "not all ranks came", Assert.Throws<RankLostException>(() => Wait(Short, rank: 2)).Message);
    }

    public void Dispose()
    {
        _board.Dispose();
        _folder.Dispose();
    }

    private void Wait(RankLimits limits, Func<bool>? isDone = null, bool patient = false, int rank = 0) =>
        new RankWait(rank, limits, _board).For(isDone ?? (() => false), Operation(7), patient);

    private static RankOperation Operation(long number) => new(number, "sum of", null);
}
