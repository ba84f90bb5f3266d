using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Distributed.Ranks;

/// <summary>What the ranks of a test do; an exception is a failed check.</summary>
internal static class Scenarios
{
    private const int Kill = 9, Stop = 19;

    public static void Run(ICollectives ranks, string[] arguments)
    {
        switch (arguments)
        {
            case ["collectives", ..]: CheckAll(ranks); break;
            case ["large"]: CheckLarge(ranks); break;
            case ["segfault"]: CheckNullReference(ranks); break;
            case ["endless"]: Lose(ranks, lost: -1, () => { }); break;
            case ["die", var rank]: Lose(ranks, int.Parse(rank), () => _ = Signal(Environment.ProcessId, Kill)); break;
            case ["die", _, "again"]: ranks.Barrier(); break;
            case ["stop", var rank]: Lose(ranks, int.Parse(rank), () => _ = Signal(Environment.ProcessId, Stop)); break;
            case ["late", var rank]: Lose(ranks, int.Parse(rank), () => Thread.Sleep(Timeout.Infinite)); break;
            case ["first", var seconds]:
                ranks.OnFirst(() => Thread.Sleep(TimeSpan.FromSeconds(int.Parse(seconds))));
                break;
            case ["fail", var rank, ..]:
                Lose(ranks, int.Parse(rank), () => throw new InvalidOperationException("the scenario's own failure"));
                break;
            case ["disagree", ..]:
                ranks.Barrier();
                throw new CollectiveException("the copies differ");
            default: throw new ArgumentException($"No scenario: {string.Join(' ', arguments)}");
        }
    }

    private static void CheckAll(ICollectives ranks)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (ScalarType type in (ScalarType[])[float32, float64, int64, int32, uint8, bfloat16, float16])
            Sum(ranks, ones([3, 5], type));

        Sum(ranks, ones([3_000_001]));
        Sum(ranks, ones([], float64));
        Sum(ranks, ones([0]));
        Sum(ranks, ones([4, 3, 2]).permute(2, 0, 1));
        Sum(ranks, ones([2, 3], requires_grad: true));
        Sum(ranks, ones([10]).narrow(0, 4, 3));

        foreach (ScalarType type in (ScalarType[])[float32, int64, uint8, @bool, bfloat16])
        {
            GatherRows(ranks, type);
            Broadcast(ranks, full([7, 2], ranks.Rank + 1, type), ones([7, 2], type));
        }

        foreach (long length in (long[])[7, 5_000, 3_000_001])
            SumHasTheSameBits(ranks, length);

        SumsUnderWay(ranks);
        GatherLarge(ranks);
        Broadcast(ranks, full([2_000_003], ranks.Rank), zeros([2_000_003]));
        Broadcast(ranks, full([2, 3, 4], ranks.Rank).permute(0, 2, 1), zeros([2, 4, 3]));
        if (ranks.WorldSize > 1)
            Refuses(() => ranks.SumInPlace(ones([2], @bool)));
        ranks.Barrier();
    }

    // Above 2^31 bytes a count no longer fits into MPI's int.
    private static void CheckLarge(ICollectives ranks)
    {
        const long length = (1L << 31) + 5;
        using DisposeScope scope = NewDisposeScope();
        Tensor part = full([length], ranks.Rank + 1, uint8);
        ranks.BroadcastInPlace(part);
        Require(part.min().item<byte>() == 1 && part.max().item<byte>() == 1, "large broadcast");

        part.mul_(ranks.Rank + 1);
        ranks.SumInPlace(part);
        byte sum = (byte)(ranks.WorldSize * (ranks.WorldSize + 1) / 2);
        Require(part.min().item<byte>() == sum && part.max().item<byte>() == sum, "large sum");
    }

    // Every rank adds (rank + 1) times the given tensor.
    private static void Sum(ICollectives ranks, Tensor unit)
    {
        using IDisposable noGradient = no_grad();
        Tensor own = unit.detach().mul_(ranks.Rank + 1);
        ranks.SumInPlace(unit);
        int expected = ranks.WorldSize * (ranks.WorldSize + 1) / 2;
        Require(
            own.numel() == 0 || own.eq(expected).all().item<bool>(),
            $"sum of {unit.dtype} [{string.Join(", ", unit.shape)}]");
    }

    // R13: ranks whose sums differ in the last bit would train apart.
    private static void SumHasTheSameBits(ICollectives ranks, long length)
    {
        random.manual_seed(ranks.Rank);
        Tensor sum = randn([length]);
        ranks.SumInPlace(sum);
        Tensor first = sum.clone();
        ranks.BroadcastInPlace(first);
        Require(sum.Equals(first), $"rank {ranks.Rank}'s sum of {length} numbers against that of rank 0");
    }

    // Other operations may come between the start of a sum and its end, and sums may be waited for in any order.
    private static void SumsUnderWay(ICollectives ranks)
    {
        random.manual_seed(ranks.Rank);
        Tensor[] own = [randn([3_000_001]), randn([7]), ones([4], bfloat16), randn([1_500, 3]).t()];
        Tensor[] expected = [.. own.Select(o => o.clone())];
        foreach (Tensor sum in expected)
            ranks.SumInPlace(sum);

        IPendingSum[] pending = [.. own.Select(ranks.StartSum)];
        GatherRows(ranks, float32);
        foreach (IPendingSum sum in pending.Reverse())
            sum.Wait();

        foreach (var (found, wanted) in own.Zip(expected))
            Require(found.Equals(wanted), $"sum under way of {found.dtype} [{string.Join(", ", found.shape)}]");
    }

    private static void GatherRows(ICollectives ranks, ScalarType type)
    {
        Tensor own = full([2, 3], ranks.Rank, type);
        Tensor all = ranks.Gather(own);
        Tensor expected = arange(ranks.WorldSize).repeat_interleave(6).view(-1, 3).to(type);
        Require(all.Equals(expected) && all.dtype == type, $"gather of {type}");
    }

    // More than travels in one piece.
    private static void GatherLarge(ICollectives ranks)
    {
        const int length = 17_000_000;
        using Tensor all = ranks.Gather(full([length], ranks.Rank));
        for (int r = 0; r < ranks.WorldSize; r++)
            Require(all.narrow(0, r * (long)length, length).eq(r).all().item<bool>(), $"gathered part {r}");
    }

    private static void Broadcast(ICollectives ranks, Tensor own, Tensor expected)
    {
        ranks.BroadcastInPlace(own);
        Require(own.Equals(expected), $"broadcast of {own.dtype} [{string.Join(", ", own.shape)}]");
    }

    // Open MPI's own handlers must not replace the runtime's, which make an exception of a segmentation fault.
    private static void CheckNullReference(ICollectives ranks)
    {
        ranks.Barrier();
        string? nothing = ranks.Rank < 0 ? "" : null;
        bool caught = false;
        try
        {
            _ = nothing!.Length;
        }
        catch (NullReferenceException)
        {
            caught = true;
        }

        Require(caught, "null reference");
        ranks.Barrier();
    }

    private static void Lose(ICollectives ranks, int lost, Action how)
    {
        Console.WriteLine($"process {Environment.ProcessId}");
        using Tensor step = ones([8]);
        for (int i = 0; i < 5; i++)
            ranks.SumInPlace(step);

        if (ranks.Rank == lost)
            how();

        while (true)
            ranks.SumInPlace(step);
    }

    private static void Refuses(Action action)
    {
        bool refused = false;
        try
        {
            action();
        }
        catch (NotSupportedException)
        {
            refused = true;
        }

        Require(refused, "refusal");
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
            throw new InvalidOperationException($"Wrong result: {what}.");
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);
}
