using Dense.Training.Data;
using Dense.Training.Data.Sampling;

namespace Dense.Torch.Tests.Training.Data;

public class EpochSamplerTests
{
    private const int Coco = 118_287;
    private const int ImageNet = 1_281_167;

    [Theory]
    [InlineData(Coco, 0, 30995, 23804, 90055, 97743, 107229)]
    [InlineData(Coco, 799, 74063, 35388, 47856, 11991, 114513)]
    [InlineData(ImageNet, 3, 624704, 124707, 1267194, 1077010, 292439)]
    public void ReferenceOrder_StartsWithThePublishedEntries(int count, int epoch, params int[] expected)
    {
        var sampler = new EpochSampler(count, Settings(SampleOrder.ReferenceShuffled) with { Seed = 99 });

        Assert.Equal(expected, sampler.IndicesOf(epoch)[..5]);
    }

    [Theory]
    [InlineData(Coco, 8, 462)]
    [InlineData(Coco, 4, 924)]
    [InlineData(Coco, 2, 1848)]
    [InlineData(Coco, 1, 3696)]
    [InlineData(ImageNet, 8, 5004)]
    [InlineData(ImageNet, 4, 10009)]
    [InlineData(ImageNet, 2, 20018)]
    [InlineData(ImageNet, 1, 40036)]
    public void IterationsPerEpoch_AreThePublishedOnes(int count, int worldSize, int expected) =>
        Assert.Equal(expected, new EpochSampler(count, Settings() with { WorldSize = worldSize }).BatchesPerEpoch);

    [Fact]
    public void IterationsPerEpoch_CountTheRaggedBatchWhenItIsKept() =>
        Assert.Equal(
            5005, new EpochSampler(ImageNet, Settings() with { WorldSize = 8, DropLast = false }).BatchesPerEpoch);

    [Theory]
    [InlineData(SampleOrder.Shuffled)]
    [InlineData(SampleOrder.ReferenceShuffled)]
    [InlineData(SampleOrder.Sequential)]
    public void Epoch_HoldsEveryImageOnce(SampleOrder order)
    {
        int[] indices = new EpochSampler(1000, Settings(order)).IndicesOf(3);

        Assert.Equal(Enumerable.Range(0, 1000), indices.Order());
    }

    [Fact]
    public void Order_DependsOnSeedAndEpochAndOnNothingElse()
    {
        int[] Indices(ulong seed, int epoch) =>
            new EpochSampler(1000, Settings() with { Seed = seed }).IndicesOf(epoch);

        Assert.Equal(Indices(7, 2), Indices(7, 2));
        Assert.NotEqual(Indices(7, 2), Indices(8, 2));
        Assert.NotEqual(Indices(7, 2), Indices(7, 3));
    }

    [Theory]
    [InlineData(10, 3)]
    [InlineData(9, 3)]
    [InlineData(2, 5)]
    [InlineData(101, 8)]
    public void Ranks_TakeContiguousPartsOfTheOrderPaddedWithItsHead(int count, int worldSize)
    {
        SamplerSettings settings = Settings() with { Seed = 5, BatchSize = 1 };
        int[] whole = new EpochSampler(count, settings).IndicesOf(1);

        int[] joined = [.. Enumerable.Range(0, worldSize).SelectMany(rank =>
            new EpochSampler(count, settings with { Rank = rank, WorldSize = worldSize }).IndicesOf(1))];

        int perRank = (count + worldSize - 1) / worldSize;
        Assert.Equal(Enumerable.Range(0, perRank * worldSize).Select(i => whole[i % count]), joined);
    }

    [Fact]
    public void Replacement_RepeatsSomeImagesAndLeavesOthersOut()
    {
        int[] indices = new EpochSampler(1000, Settings() with { WithReplacement = true }).IndicesOf(0);

        Assert.Equal(1000, indices.Length);
        Assert.All(indices, i => Assert.InRange(i, 0, 999));

        // About 1 − 1/e of the images occur.
        Assert.InRange(indices.Distinct().Count(), 580, 690);
    }

    [Fact]
    public void RaggedBatch_HasTheRest()
    {
        var sampler = new EpochSampler(10, Settings() with { BatchSize = 4, DropLast = false });

        Assert.Equal(3, sampler.BatchesPerEpoch);
        Assert.Equal([4, 4, 2], Enumerable.Range(0, 3).Select(sampler.BatchLength));
    }

    [Fact]
    public void TooFewImagesForABatch_AreRefusedWithTheLargestPossibleBatch()
    {
        var e = Assert.Throws<DatasetException>(() => new EpochSampler(100, Settings() with { WorldSize = 8 }));

        Assert.Contains("Lower the batch size to 13", e.Message);
    }

    private static SamplerSettings Settings(SampleOrder order = SampleOrder.Shuffled) =>
        new() { Order = order, BatchSize = 32 };
}
