using Dense.Training.Detection.Data;
using Dense.Training.Detection.Data.Sampling;

namespace Dense.Torch.Tests.Training.Detection.Data;

public class SamplingTests
{
    // Values of E-99.
    [Theory]
    [InlineData(0, 10, "4 1 7 5 3 9 0 8 6 2 3 9 4 2 7 8 6 0 5 1")]
    [InlineData(42, 16, "6 3 0 7 10 15 2 12 14 9 8 5 4 13 11 1 4 6 15 5 14 2 12 8 3 1 11 9 13 0 7 10")]
    public void Permutations_AreThoseOfTorchsRandperm(long seed, int count, string expected)
    {
        var stream = new PermutationStream(count, seed);

        Assert.Equal(expected, string.Join(' ', Enumerable.Range(0, 2 * count).Select(_ => stream.Next())));
    }

    [Fact]
    public void RepeatFactors_ComeFromTheRarestClassOfAnImage()
    {
        using var set = new SmallSet();
        for (int i = 1; i <= 4; i++)
            set.Image(i, writeFile: false).Object(i, category: 1);
        set.Object(2, category: 2, crowd: 1);
        set.Image(5, writeFile: false);
        IReadOnlyList<ImageRecord> images = set.Read().Images;

        // Class 1 is in 4 of 5 images, class 2 in one; √(0.8/0.2) = 2.
        Assert.Equal([1, 2, 1, 1, 1], RepeatFactors.Of(images, 0.8, squareRoot: true));
        Assert.Equal([1, 4, 1, 1, 1], RepeatFactors.Of(images, 0.8, squareRoot: false));
        Assert.Equal([1, 1, 1, 1, 1], RepeatFactors.Of(images, 0.1, squareRoot: true));
    }

    [Fact]
    public void RepeatFactorStream_ShowsImagesAsOftenAsTheirFactorsSay()
    {
        var stream = new RepeatFactorStream([1, 2, 2.5f], seed: 7);
        int[] counts = new int[3];

        // 1000 epochs of 5 or 6 images.
        for (int i = 0; i < 5500; i++)
            counts[stream.Next()]++;

        Assert.InRange(counts[0], 990, 1010);
        Assert.InRange(counts[1] / (double)counts[0], 1.99, 2.01);
        Assert.InRange(counts[2] / (double)counts[0], 2.45, 2.55);
    }

    [Fact]
    [Trait("Category", "Peer")]
    public void RepeatFactorStream_DrawsAsTorchDoes()
    {
        Assert.SkipUnless(Python.IsInstalled, "Python is not installed.");
        float[] factors = [1, 2.25f, 1.5f, 3.75f, 1.125f, 1, 1.9f, 2.1f];
        var stream = new RepeatFactorStream(factors, seed: 5);
        string expected = Python.Run("""
            import torch
            g = torch.Generator(); g.manual_seed(5)
            f = torch.tensor([1, 2.25, 1.5, 3.75, 1.125, 1, 1.9, 2.1], dtype=torch.float32)
            whole = torch.trunc(f); out = []
            for _ in range(4):
                times = whole + (torch.rand(len(f), generator=g) < f - whole).float()
                items = torch.tensor([i for i, t in enumerate(times) for _ in range(int(t))])
                out += items[torch.randperm(len(items), generator=g)].tolist()
            print(*out[:40])
            """);

        Assert.Equal(expected, string.Join(' ', Enumerable.Range(0, 40).Select(_ => stream.Next())));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Ranks_ShareTheStreamWithoutOverlap(int worldSize)
    {
        using SmallSet set = SmallSet.WithImages(12);
        IReadOnlyList<ImageRecord> images = set.Read().Images;
        DetectionDataSettings settings = new()
        {
            BatchSizePerProcess = 2,
            WorldSize = worldSize,
            AspectRatioGrouping = false,
            Seed = 3,
        };
        var whole = new PermutationStream(12, 3);

        SampleRequest[] requests = [.. Enumerable.Range(0, worldSize)
            .SelectMany(rank => new TrainingBatches(images, settings with { Rank = rank }).From(0).Take(12))
            .OrderBy(r => r.Position)];

        Assert.Equal(Enumerable.Range(0, 12 * worldSize).Select(p => (long)p), requests.Select(r => r.Position));
        Assert.Equal(requests.Select(_ => whole.Next()), requests.Select(r => r.Index));
    }

    [Theory]
    [InlineData(TrainingSamplerKind.Permutations, 0)]
    [InlineData(TrainingSamplerKind.Permutations, 7)]
    [InlineData(TrainingSamplerKind.RepeatFactor, 23)]
    public void ResumedBatches_AreThoseOfAnUninterruptedRun(TrainingSamplerKind sampler, int startIteration)
    {
        using SmallSet set = SmallSet.WithImages(11);
        IReadOnlyList<ImageRecord> images = set.Read().Images;
        DetectionDataSettings settings = new()
        {
            BatchSizePerProcess = 2,
            Sampler = sampler,
            RepeatThreshold = 0.9,
            Seed = 5,
        };

        SampleRequest[] whole = [.. new TrainingBatches(images, settings).From(0).Take(2 * (startIteration + 5))];
        SampleRequest[] rest = [.. new TrainingBatches(images, settings).From(startIteration).Take(10)];

        Assert.Equal(whole[(2 * startIteration)..], rest);
    }

    // KF-35. Long sides 20, 30, … 100 beside 10 pixels, in any order, both ways up.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void SizeBuckets_MakeBatchesOfNeighboursInShape(bool isResized)
    {
        using var set = new SmallSet();
        for (int i = 0; i < 18; i++)
        {
            int side = 20 + (10 * (7 * i % 9));
            set.Image(i + 1, i < 9 ? side : 10, i < 9 ? 10 : side, writeFile: false);
        }

        IReadOnlyList<ImageRecord> images = set.Read().Images;
        DetectionDataSettings settings = new()
        {
            BatchSizePerProcess = 2,
            SizeBuckets = 3,
            MinSizeTrain = [isResized ? 800 : 0],
            Seed = 2,
        };

        SampleRequest[] requests = [.. new TrainingBatches(images, settings).From(0).Take(180)];

        Assert.Equal(18, requests.Select(r => r.Index).Distinct().Count());
        Assert.All(requests.Chunk(2), batch =>
        {
            (ImageRecord a, ImageRecord b) = (images[batch[0].Index], images[batch[1].Index]);
            Assert.Equal(a.Width > a.Height, b.Width > b.Height);
            Assert.Equal(Third(a), Third(b));
        });

        static int Third(ImageRecord image) => (Math.Max(image.Width, image.Height) - 20) / 30;
    }

    [Fact]
    public void SizeBuckets_PutImagesOfOneShapeTogether()
    {
        using SmallSet set = SmallSet.WithImages(8);
        IReadOnlyList<ImageRecord> images = set.Read().Images;
        DetectionDataSettings settings = new() { BatchSizePerProcess = 2, Seed = 4 };

        Assert.Equal(
            new TrainingBatches(images, settings).From(0).Take(40),
            new TrainingBatches(images, settings with { SizeBuckets = 4 }).From(0).Take(40));
    }

    [Theory]
    [InlineData(10, 3)]
    [InlineData(2, 4)]
    [InlineData(0, 2)]
    [InlineData(8, 1)]
    public void EvaluationShards_CoverAllImagesInOrderAndDifferByOneAtMost(int images, int worldSize)
    {
        var shards = Enumerable.Range(0, worldSize).Select(r => EvaluationShard.Of(images, r, worldSize)).ToArray();

        Assert.Equal(
            Enumerable.Range(0, images), shards.SelectMany(s => Enumerable.Range(s.First, s.Count)));
        Assert.InRange(shards.Max(s => s.Count) - shards.Min(s => s.Count), 0, 1);
        Assert.Equal(shards.Select(s => s.Count).OrderDescending(), shards.Select(s => s.Count));
    }
}
