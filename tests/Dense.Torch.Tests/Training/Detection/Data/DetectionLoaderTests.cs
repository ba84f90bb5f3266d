using System.Security.Cryptography;
using Dense.Coco.Masks;
using Dense.Detection;
using Dense.Training.Data;
using Dense.Training.Data.Loading;
using Dense.Training.Detection.Data;

namespace Dense.Torch.Tests.Training.Detection.Data;

public class DetectionLoaderTests
{
    private static readonly DetectionDataSettings Settings = new()
    {
        MinSizeTrain = [20, 24, 28],
        MaxSizeTrain = 60,
        MinSizeTest = 20,
        BatchSizePerProcess = 2,
        MaskOn = true,
        MaskFormat = MaskFormat.Bitmask,
        NumWorkers = 2,
        Seed = 17,
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Batches_AreTheSameBitsForEveryNumberOfWorkers(int workers)
    {
        using SmallSet set = SmallSet.WithImages(9);
        IReadOnlyList<ImageRecord> images = set.Read().Images;
        DetectionDataSettings settings = Settings with { Crop = new() { Enabled = true, Size = (0.5, 0.6) } };

        Assert.Equal(
            Fingerprints(images, settings with { NumWorkers = 0 }), Fingerprints(images, settings with { NumWorkers = workers }));
    }

    [Fact]
    public void Draws_BelongToThePositionInTheStreamAndNotToTheRank()
    {
        using SmallSet set = SmallSet.WithImages(8);
        IReadOnlyList<ImageRecord> images = set.Read().Images;
        DetectionDataSettings one = Settings with { AspectRatioGrouping = false, BatchSizePerProcess = 4 };
        DetectionDataSettings two = one with { WorldSize = 2, BatchSizePerProcess = 2 };

        string[] whole = Fingerprints(images, one, batches: 4);
        string[] first = Fingerprints(images, two with { Rank = 0 }, batches: 4);
        string[] second = Fingerprints(images, two with { Rank = 1 }, batches: 4);

        Assert.Equal(whole, first.Zip(second, (a, b) => new[] { a, b }).SelectMany(pair => pair));
    }

    [Fact]
    public void Draws_DifferBetweenEpochsAndSeeds()
    {
        using SmallSet set = SmallSet.WithImages(4);
        IReadOnlyList<ImageRecord> images = set.Read().Images;

        string[] prints = Fingerprints(images, Settings, batches: 12);

        Assert.True(prints.Distinct().Count() > 8);
        Assert.NotEqual(prints, Fingerprints(images, Settings with { Seed = 18 }, batches: 12));
    }

    [Fact]
    public void ResumedLoader_GoesOnWithTheSameBatches()
    {
        using SmallSet set = SmallSet.WithImages(9);
        IReadOnlyList<ImageRecord> images = set.Read().Images;
        using DetectionLoader resumed = DetectionLoader.Train(images, Settings, startIteration: 5, Target);

        DetectionBatch batch = resumed.Next()!;

        Assert.Equal(5, batch.Iteration);
        Assert.Equal(Fingerprints(images, Settings)[10..12], batch.Images.Select(Fingerprint));
    }

    [Fact]
    public void TestLoader_DeliversTheImagesOfItsRankInOrderAndThenEnds()
    {
        using SmallSet set = SmallSet.WithImages(7);
        IReadOnlyList<ImageRecord> images = set.Read().Images;
        using DetectionLoader loader = DetectionLoader.Test(images, Settings with { Rank = 1, WorldSize = 2 });
        List<long> ids = [];

        while (loader.Next() is { } batch)
            ids.Add(Assert.Single(batch.Images).ImageId);

        Assert.Equal([5, 6, 7], ids);
        Assert.Equal(3, loader.BatchCount);
        Assert.Null(loader.Next());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void DamagedImage_StopsTheRunAtItsBatchWithItsName(int workers)
    {
        using SmallSet set = SmallSet.WithImages(6);
        IReadOnlyList<ImageRecord> images = set.Read().Images;
        set.Overwrite(4, [1, 2, 3]);
        using DetectionLoader loader = DetectionLoader.Test(images, Settings with { NumWorkers = workers });
        for (int i = 0; i < 3; i++)
            Assert.NotNull(loader.Next());

        var e = Assert.Throws<DatasetException>(() => loader.Next());

        Assert.Contains("4.png", e.Message, StringComparison.Ordinal);
        Assert.Contains("not an image", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void DamagedImages_AreReplacedCountedOnceAndNamedWhenThatIsWanted(int workers)
    {
        using SmallSet set = SmallSet.WithImages(6);
        IReadOnlyList<ImageRecord> images = set.Read().Images;
        set.Overwrite(4, [1, 2, 3]);
        using DetectionLoader loader = DetectionLoader.Train(
            images, Settings with { NumWorkers = workers, DamagedImages = DamagedImagePolicy.Skip }, 0, Target);

        DetectionBatch[] batches = [.. Enumerable.Range(0, 9).Select(_ => loader.Next()!)];

        Assert.DoesNotContain(batches.SelectMany(b => b.Images), i => i.ImageId == 4);
        Assert.EndsWith("4.png", Assert.Single(batches.SelectMany(b => b.Damaged)).Name, StringComparison.Ordinal);
        Assert.Equal(1, loader.DamagedCount);
    }

    [Fact]
    public void DamagedImages_StopTheRunWhenThereAreTooMany()
    {
        using SmallSet set = SmallSet.WithImages(6);
        IReadOnlyList<ImageRecord> images = set.Read().Images;
        set.Overwrite(2, []);
        set.Overwrite(4, [1, 2, 3]);
        using DetectionLoader loader = DetectionLoader.Train(
            images, Settings with { DamagedImages = DamagedImagePolicy.Skip }, 0, Target);

        var e = Assert.Throws<DatasetException>(() => Enumerable.Range(0, 9).Select(_ => loader.Next()).Count(b => b is null));

        Assert.Contains("2 of 6 images are damaged", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Failure_ThatIsNoFaultOfTheDataNamesTheFile()
    {
        using SmallSet set = SmallSet.WithImages(3);
        using DetectionLoader loader = DetectionLoader.Train(
            set.Read().Images, Settings, 0, _ => throw new ArithmeticException("boom"));

        var e = Assert.Throws<InvalidOperationException>(() => loader.Next());

        Assert.Contains(".png", e.Message, StringComparison.Ordinal);
        Assert.Contains("boom", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Threads_StayAFewBatchesAheadAndEndWithTheLoader()
    {
        using SmallSet set = SmallSet.WithImages(9);
        int loaded = 0;
        using (DetectionLoader loader = DetectionLoader.Train(set.Read().Images, Settings, 0, Count))
        {
            loader.Next();

            // Two batches ahead, and one image in the hands of each worker.
            Assert.InRange(Volatile.Read(ref loaded), 2, 2 + 4 + 2);
        }

        int after = loaded;
        Assert.InRange(after, 2, 2 + 4 + 2);

        MaskTarget Count(RunLengthMask mask)
        {
            Interlocked.Increment(ref loaded);
            return Target(mask);
        }
    }

    private static MaskTarget Target(RunLengthMask mask) => new(mask.Area, 0, 0, 0, 0, [.. mask.ToText().Select(c => (byte)c)]);

    private static string[] Fingerprints(IReadOnlyList<ImageRecord> images, DetectionDataSettings settings, int batches = 10)
    {
        using DetectionLoader loader = DetectionLoader.Train(images, settings, 0, Target);
        return [.. Enumerable.Range(0, batches).SelectMany(_ => loader.Next()!.Images.Select(Fingerprint))];
    }

    private static string Fingerprint(InputImage image) => string.Join(
        ' ', image.ImageId, image.Height, image.Width, Convert.ToHexString(SHA256.HashData(image.Pixels)),
        string.Join(',', image.GroundTruth!.Boxes), string.Join(',', image.GroundTruth.Classes),
        string.Join(';', image.GroundTruth.Masks!.Select(m => Convert.ToHexString(m.Quarter))));
}
