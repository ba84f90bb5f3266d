using System.Diagnostics;
using Dense.Distributed;
using static TorchSharp.torch;

namespace Dense.Bench;

/// <summary>Measures how long a step waits for sums.</summary>
internal sealed class ClockedSums(ICollectives ranks) : ICollectives
{
    /// <summary>How long, since it was last set.</summary>
    public TimeSpan Waited { get; set; }

    public int Rank => ranks.Rank;

    public int WorldSize => ranks.WorldSize;

    public void SumInPlace(Tensor tensor) => Clock(() => ranks.SumInPlace(tensor));

    public IPendingSum StartSum(Tensor tensor)
    {
        IPendingSum? sum = null;
        Clock(() => sum = ranks.StartSum(tensor));
        return new Clocked(this, sum!);
    }

    public Tensor Gather(Tensor tensor) => ranks.Gather(tensor);

    public void BroadcastInPlace(Tensor tensor) => ranks.BroadcastInPlace(tensor);

    public void Barrier() => ranks.Barrier();

    private void Clock(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        Waited += Stopwatch.GetElapsedTime(start);
    }

    private sealed class Clocked(ClockedSums sums, IPendingSum sum) : IPendingSum
    {
        public void Wait() => sums.Clock(sum.Wait);
    }
}
