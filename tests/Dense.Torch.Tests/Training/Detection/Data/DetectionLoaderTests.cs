using System.Security.Cryptography;
using Dense.Detection;
using Dense.Training.Data;
using Dense.Training.Data.Loading;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Data.Loading;
using Dense.Training.Detection.Data.Mapping;
using Dense.Training.Detection.Data.Sampling;

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
            Fingerprints(images, settings with { NumWorkers = 0 }),
            Fingerprints(images, settings with { NumWorkers = workers }));
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
        using DetectionLoader resumed = DetectionLoader.Train(images, Settings, startIteration: 5);

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
            images, Settings with { NumWorkers = workers, DamagedImages = DamagedImagePolicy.Skip });

        DetectionBatch[] batches = Take(loader, 9);

        Assert.DoesNotContain(batches.SelectMany(b => b.Images), i => i.ImageId == 4);
        Assert.EndsWith("4.png", Assert.Single(batches.SelectMany(b => b.Damaged)).Name, StringComparison.Ordinal);
        Assert.Equal(1, loader.DamagedCount);
    }

    [Fact]
    public void ReplacementsOfDamagedImages_AreTheSameAfterAResume()
    {
        using SmallSet set = SmallSet.WithImages(6);
        IReadOnlyList<ImageRecord> images = set.Read().Images;
        set.Overwrite(4, [1, 2, 3]);
        DetectionDataSettings settings = Settings with { DamagedImages = DamagedImagePolicy.Skip };

        Assert.Equal(
            Fingerprints(images, settings, batches: 12)[8..],
            Fingerprints(images, settings, batches: 8, startIteration: 4));
    }

    [Fact]
    public void DamagedImages_StopTheRunWhenThereAreTooMany()
    {
        using SmallSet set = SmallSet.WithImages(6);
        IReadOnlyList<ImageRecord> images = set.Read().Images;
        set.Overwrite(2, []);
        set.Overwrite(4, [1, 2, 3]);
        using DetectionLoader loader = DetectionLoader.Train(
            images, Settings with { DamagedImages = DamagedImagePolicy.Skip });

        var e = Assert.Throws<DatasetException>(() => Take(loader, 9));

        Assert.Contains("2 of 6 images are damaged", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Failure_ThatIsNoFaultOfTheDataNamesTheFile(int workers)
    {
        using SmallSet set = SmallSet.WithImages(3);
        using SamplePipeline pipeline = Pipeline(set, workers, _ => throw new ArithmeticException("boom"));

        LoadedSample sample = pipeline.Take()!;

        var e = Assert.Throws<InvalidOperationException>(() => sample.Failure!.Throw());
        Assert.Contains("1.png", e.Message, StringComparison.Ordinal);
        Assert.Contains("boom", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Threads_StayWithinTheirCapacityAndEndWithThePipeline(int workers)
    {
        const int Capacity = 4;
        using SmallSet set = SmallSet.WithImages(9);
        using var filled = new CountdownEvent(1 + Capacity);
        int begun = 0;
        SamplePipeline pipeline = Pipeline(set, workers, Count, Capacity);

        pipeline.Take();
        filled.Wait(TestContext.Current.CancellationToken);
        pipeline.Dispose();

        Assert.Equal(1 + Capacity, begun);

        InputImage Count(ImageRecord record)
        {
            Interlocked.Increment(ref begun);
            if (!filled.IsSet)
                filled.Signal();
            return new() { Pixels = [], Height = 0, Width = 0, OriginalHeight = 0, OriginalWidth = 0 };
        }
    }

    [Fact]
    public void Disposal_WaitsForThreadsThatNobodyTookFrom()
    {
        using SmallSet set = SmallSet.WithImages(9);
        DetectionLoader loader = DetectionLoader.Train(set.Read().Images, Settings with { NumWorkers = 5 });

        loader.Dispose();
        loader.Dispose();

        Assert.Throws<ObjectDisposedException>(() => loader.Next());
    }

    private static SamplePipeline Pipeline(
        SmallSet set, int workers, Func<ImageRecord, InputImage> map, int capacity = 4)
    {
        IReadOnlyList<ImageRecord> images = set.Read().Images;
        IEnumerable<SampleRequest> requests = Enumerable.Range(0, images.Count).Select(i => new SampleRequest(i, i));
        return new SamplePipeline(requests, Create, workers, capacity);

        SampleLoader Create() => new(
            images, DamagedImagePolicy.Fail, new DetectionMapper(Settings), (_, record, _) => map(record));
    }

    private static DetectionBatch[] Take(DetectionLoader loader, int batches) =>
        [.. Enumerable.Range(0, batches).Select(_ => loader.Next()!)];

    private static string[] Fingerprints(
        IReadOnlyList<ImageRecord> images, DetectionDataSettings settings, int batches = 10, int startIteration = 0)
    {
        using DetectionLoader loader = DetectionLoader.Train(images, settings, startIteration);
        return [.. Take(loader, batches).SelectMany(b => b.Images.Select(Fingerprint))];
    }

    private static string Fingerprint(InputImage image) => string.Join(
        ' ', image.ImageId, image.Height, image.Width, Convert.ToHexString(SHA256.HashData(image.Pixels)),
        string.Join(',', image.GroundTruth!.Boxes), string.Join(',', image.GroundTruth.Classes),
        string.Join(';', image.GroundTruth.Masks!.Select(m => Convert.ToHexString(m.Quarter))));
}
