using Dense.Distributed.Liveness;

namespace Dense.Distributed.Tests.Liveness;

/// <summary>What ranks of a machine show each other (R12, E-152), without processes.</summary>
public sealed class RankBoardTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly TempFolder _folder = new();
    private readonly RankBoard _own, _others;

    public RankBoardTests()
    {
        _own = RankBoard.Create(_folder["board"], 3);
        _others = RankBoard.Open(_folder["board"]);
    }

    [Fact]
    public void Rank_IsSeenByOthersWithItsProcessAndLastOperation()
    {
        Assert.Empty(_others.Present);

        _own.Enter(1);
        Assert.Equal("before its first operation", _others[1].ToString().Split(", ")[1]);
        _own.Arrive(1, new RankOperation(4, new string('x', 300), null));
        _own.Arrive(1, new RankOperation(5, "barrier", null));
        _own.Leave(1);

        Assert.Equal(3, _others.Size);
        Assert.Equal([1], _others.Present);
        Assert.Equal(
            (Environment.ProcessId, true, 5L, "operation 5, barrier"),
            (_others[1].Process, _others[1].Finished, _others[1].Operation, _others[1].OperationText));
        Assert.Equal((0, 0L, ""), (_others[2].Process, _others[2].Operation, _others[2].OperationText));
    }

    [Fact]
    public void SignsOfLife_EndWithTheRank()
    {
        using (RankBoard rank = RankBoard.Open(_folder["board"]))
        {
            rank.Enter(0);
            SpinWait.SpinUntil(() => _others[0].Silence > TimeSpan.Zero);
            TimeSpan silence = _others[0].Silence;
            Assert.True(SpinWait.SpinUntil(() => _others[0].Silence < silence, Limit), "There is no second sign.");
        }

        Assert.True(SpinWait.SpinUntil(() => _others[0].Silence > TimeSpan.FromSeconds(0.6), Limit), "They go on.");
    }

    [Fact]
    public void FirstFailure_Counts()
    {
        Assert.Null(_own.Failure);

        Assert.True(_own.ClaimFailure(0, 3));
        Assert.False(_others.ClaimFailure(2, 75));

        Assert.Equal((0, 3), _others.Failure);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void UnknownRank_IsRefused(int rank) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _own.Leave(rank));

    public void Dispose()
    {
        _own.Dispose();
        _others.Dispose();
        _folder.Dispose();
    }
}
