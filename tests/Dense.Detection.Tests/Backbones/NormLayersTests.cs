using Dense.Detection.Backbones;
using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Models.Layers;
using Dense.Torch.Tests;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.Backbones;

[LeakCheck]
public class NormLayersTests
{
    [Theory] // M-30, M-32.
    [InlineData(DetectorNorm.SyncBatch, 2, true)]
    [InlineData(DetectorNorm.NaiveSyncBatch, 2, true)]
    [InlineData(DetectorNorm.SyncBatch, 1, false)]
    public void SynchronisedLayers_AreConnectedWhenThereAreOtherRanks(DetectorNorm norm, int ranks, bool connected)
    {
        using var layer = (BatchNormLayer)NormLayers.Create(norm, 8, new Ranks(ranks))!;

        Assert.Equal(connected, layer.SumOverProcesses is not null);
        Assert.True(NormLayers.IsNorm(layer));
    }

    [Fact] // M-29.
    public void GroupNorm_Has32Groups()
    {
        using DisposeScope scope = NewDisposeScope();
        using var layer = (GroupNorm)NormLayers.Create(DetectorNorm.Group, 64, SingleProcess.Instance)!;
        Tensor x = randn(2, 64, 3, 3);

        Tensor groups = layer.call(x).view(2, 32, -1);

        Assert.True(NormLayers.IsNorm(layer));
        Assert.True(groups.mean([2]).abs().max().item<float>() < 1e-5);
        Assert.All(groups.square().mean([2]).Doubles(), v => Assert.Equal(1, v, 1e-3)); // The biased variance.
    }

    [Fact]
    public void None_IsNoLayer() => Assert.Null(NormLayers.Create(DetectorNorm.None, 8, SingleProcess.Instance));

    private sealed class Ranks(int count) : ICollectives
    {
        public int Rank => 0;

        public int WorldSize => count;

        public void SumInPlace(Tensor tensor)
        {
        }

        public Tensor Gather(Tensor tensor) => tensor;

        public void BroadcastInPlace(Tensor tensor)
        {
        }

        public void Barrier()
        {
        }
    }
}
