using Dense.Distributed;
using Dense.Torch.Tests.Pretraining.Trajectories;
using Dense.Training.Loop;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Training.Loop;

/// <summary>R13: copies that drifted apart are noticed, and the rank is named.</summary>
public class ReplicasTests
{
    [Fact]
    public void EqualCopies_Pass() => Compare(changed: null, 499, 0.1);

    [Fact]
    public void OneBitOfOneRank_IsNoticedByAllAndTheRankIsNamed()
    {
        string[] messages = Compare(changed: 2, MathF.BitIncrement(499), 0.1);

        Assert.All(messages, m => Assert.StartsWith("After step 7 the keys of rank 2 differ from those of rank 0", m));
    }

    // E-176.
    [Fact]
    public void AnotherRate_IsNoticedByAll()
    {
        string[] messages = Compare(changed: 1, 499, Math.BitIncrement(0.1));

        Assert.All(messages, m => Assert.StartsWith("After step 7 the steps and rates of rank 1 differ", m));
    }

    private static string[] Compare(int? changed, float last, double rate) => ThreadedCollectives.Run(4, ranks =>
    {
        using DisposeScope scope = NewDisposeScope();
        bool isChanged = ranks.Rank == changed;
        Tensor weights = arange(1000, float32), keys = arange(500, float32);
        keys[499] = isChanged ? last : 499;

        CollectiveException? error = null;
        try
        {
            Replicas.RequireEqual(ranks, [("parameters", weights), ("keys", keys)], 7, [isChanged ? rate : 0.1]);
        }
        catch (CollectiveException e)
        {
            error = e;
        }

        Assert.Equal(changed is null, error is null);
        return error?.Message ?? "";
    });
}
