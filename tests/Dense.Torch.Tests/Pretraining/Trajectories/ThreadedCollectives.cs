using Dense.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Pretraining.Trajectories;

/// <summary>Ranks as threads of one process that work in lock step.</summary>
internal sealed class ThreadedCollectives : ICollectives
{
    private readonly Group _group;

    private ThreadedCollectives(Group group, int rank)
    {
        _group = group;
        Rank = rank;
    }

    public int Rank { get; }

    public int WorldSize => _group.Slots.Length;

    /// <summary>Runs one function per rank, each on its own thread, and returns the results in rank order.</summary>
    public static T[] Run<T>(int worldSize, Func<ICollectives, T> rankMain)
    {
        using var stop = new CancellationTokenSource();
        using var barrier = new Barrier(worldSize);
        var group = new Group(new Tensor[worldSize], barrier, stop.Token);
        var results = new T[worldSize];
        var errors = new Exception?[worldSize];
        Thread[] threads = [.. Enumerable.Range(0, worldSize).Select(rank => new Thread(() =>
        {
            try
            {
                set_num_threads(1);
                results[rank] = rankMain(new ThreadedCollectives(group, rank));
                Assert.Equal(0, LeakCheckAttribute.LiveTensors);
            }
            catch (Exception e)
            {
                errors[rank] = e;
                stop.Cancel(); // The others wait for this rank.
            }
        }))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());

        if (errors.FirstOrDefault(e => e is not null and not OperationCanceledException) is { } error)
            throw new InvalidOperationException("A rank failed.", error);
        return results;
    }

    public void SumInPlace(Tensor tensor) => Exchange(tensor, all =>
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor sum = all[0];
        for (int i = 1; i < all.Length; i++)
            sum = sum + all[i];
        return sum.clone().MoveToOuterDisposeScope();
    }, into: tensor);

    public Tensor Gather(Tensor tensor) => Exchange(tensor, all => cat(all, 0))!;

    public void BroadcastInPlace(Tensor tensor) => Exchange(tensor, all => all[0].clone(), into: tensor);

    public void Barrier() => _group.Barrier.SignalAndWait(_group.Stop);

    // Nobody writes before everybody has read.
    private Tensor? Exchange(Tensor own, Func<Tensor[], Tensor> read, Tensor? into = null)
    {
        _group.Slots[Rank] = own.detach();
        Barrier();
        Tensor result = read(_group.Slots);
        Barrier();
        _group.Slots[Rank].Dispose();
        if (into is null)
            return result;

        using IDisposable noGradient = no_grad();
        using Tensor target = into.detach();
        target.copy_(result);
        result.Dispose();
        return null;
    }

    private sealed record Group(Tensor[] Slots, Barrier Barrier, CancellationToken Stop);
}
