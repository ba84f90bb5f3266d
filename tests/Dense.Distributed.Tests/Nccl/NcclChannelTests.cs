using Dense.Distributed.Liveness;
using Dense.Distributed.Mpi;
using Dense.Distributed.Nccl;
using static TorchSharp.torch;

namespace Dense.Distributed.Tests.Nccl;

/// <summary>
/// The channel against a library that a C compiler made from the declarations of the headers: calling convention,
/// types, streams, order of calls, and what happens when a rank is lost. Needs a C compiler (Debian: gcc).
/// </summary>
[Trait("Category", "Mpi")]
public sealed class NcclChannelTests(NcclStub stub) : IClassFixture<NcclStub>
{
    private static readonly RankLimits Short = new() { Collective = TimeSpan.FromSeconds(0.5) };

    [Fact]
    public void Error_BringsTheLibrarysWords()
    {
        var e = Assert.Throws<CollectiveException>(() => stub.Api.Check(2, communicator: 1));

        Assert.Equal(
            "NCCL reports error 2: unhandled system error (the cable is out). NCCL_DEBUG=INFO lets it tell more.",
            e.Message);
    }

    [Fact]
    public void ForeignId_IsRefused()
    {
        stub.Call("stubReset");
        _ = stub.Api.NewUniqueId();

        Assert.Throws<CollectiveException>(() =>
        {
            using IDisposable region = stub.Driver.Enter(stub.Driver.ContextOf(0));
            stub.Api.Join(default, 0, 1);
        });
    }

    [Fact]
    public void RankThatDoesNotMeetTheOthers_IsNamedAfterTheLimit()
    {
        using var folder = new TempFolder();
        using RankBoard board = RankBoard.Create(folder["board"], 2), late = RankBoard.Open(folder["board"]);
        board.Enter(0);
        board.Arrive(0, Operation);
        late.Enter(1);
        stub.Call("stubReset");
        NcclUniqueId id = stub.Api.NewUniqueId();

        var e = Assert.Throws<RankLostException>(() => new NcclChannel(
            Operation, stub.Api, stub.Driver, 0, id, 0, 2, new RankWait(0, Short, board)));

        Assert.Contains("not all ranks came within 0.5 s: rank 1 is missing (process ", e.Message);
        Assert.Contains(RankLimits.CollectiveVariable, e.Message);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Byte)]
    public void Sum_AddsAllRanksInPlace(ScalarType type)
    {
        bool[] right = Ranks(3, (channel, rank) =>
        {
            using Tensor x = full([5, 3], rank + 1, type);
            channel.Sum(Operation, x);
            return x.eq(6).all().item<bool>() && x.dtype == type;
        });

        Assert.All(right, Assert.True);
    }

    [Fact]
    public void Sum_ReachesViewsAndPermutedTensors()
    {
        bool[] right = Ranks(2, (channel, rank) =>
        {
            using Tensor x = full([4, 6], rank + 1);
            channel.Sum(Operation, x.narrow(0, 1, 2).t());
            return x.narrow(0, 1, 2).eq(3).all().item<bool>() && x.narrow(0, 0, 1).eq(rank + 1).all().item<bool>();
        });

        Assert.All(right, Assert.True);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Bool)]
    public void Gather_ConcatenatesInRankOrder(ScalarType type)
    {
        bool[] right = Ranks(2, (channel, rank) =>
        {
            using Tensor own = full([2, 3], rank, type);
            using Tensor all = channel.Gather(Operation, own);
            using Tensor expected = arange(2).repeat_interleave(6).view(-1, 3).to(type);
            return all.dtype == type && all.Equals(expected);
        });

        Assert.All(right, Assert.True);
    }

    [Fact]
    public void Broadcast_BringsTheFirstRanksTensor()
    {
        bool[] right = Ranks(3, (channel, rank) =>
        {
            using Tensor x = full([2, 3], rank + 5L, int64).t();
            channel.Broadcast(Operation, x);
            return x.eq(5).all().item<bool>();
        });

        Assert.All(right, Assert.True);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void StartedSum_IsThereAfterTheWait(ScalarType type)
    {
        bool[] right = Ranks(2, (channel, rank) =>
        {
            using Tensor x = full([9], rank + 1, type);
            IPendingSum sum = channel.StartSum(Operation, x);
            sum.Wait();
            return x.eq(3).all().item<bool>();
        });

        Assert.All(right, Assert.True);
    }

    [Fact]
    public void OperationThatNeverEnds_IsAbortedAfterTheLimitAndNamed()
    {
        NcclWatch.Loss loss = Lose(() => stub.Call("stubLose"), Short);

        Assert.Contains("not all ranks came within 0.5 s", loss.Cause.Message);
        Assert.Equal(Operation.ToString(), loss.Operation.ToString());
    }

    [Fact]
    public void ErrorOnTheDevice_IsReportedLongBeforeTheLimit()
    {
        NcclWatch.Loss loss = Lose(
            () =>
            {
                stub.Call("stubLose");
                stub.Call("stubFail", 0);
            }, new RankLimits());

        Assert.Contains("NCCL reports error 2: unhandled system error (the cable is out)", loss.Cause.Message);
    }

    private static RankOperation Operation => new(1, "sum of", null);

    private T[] Ranks<T>(int size, Func<NcclChannel, int, T> work) => stub.Run(size, new RankLimits(), work);

    private NcclWatch.Loss Lose(Action how, RankLimits limits) => stub.Run(1, limits, (channel, _) =>
    {
        how();
        using Tensor x = ones([4]);
        channel.Sum(Operation, x);
        SpinWait.SpinUntil(() => channel.Lost is not null, TimeSpan.FromMinutes(1));
        return channel.Lost!;
    }).Single();
}
