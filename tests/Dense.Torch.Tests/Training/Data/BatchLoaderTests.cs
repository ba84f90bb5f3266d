using Dense.Imaging;
using Dense.Training.Data;
using Dense.Training.Data.Formats;
using Dense.Training.Data.Loading;
using Dense.Training.Data.Sampling;
using Dense.Training.Data.Sources;
using TorchSharp;

namespace Dense.Torch.Tests.Training.Data;

public class BatchLoaderTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(4, 3)]
    public void Batches_ArriveInOrderAcrossEpochsForAnyNumberOfWorkers(int workers, int readAhead)
    {
        var sampler = new EpochSampler(23, new SamplerSettings { BatchSize = 5, Seed = 3 });
        using var source = new NumberedSource(23);
        using var loader = BatchLoader.Start(
            source, sampler, new NumberFormat(), new() { Workers = workers, ReadAheadBatches = readAhead, Epochs = 3 });

        List<(LoaderPosition, float[])> batches = ReadAll(loader);

        var expected = from epoch in Enumerable.Range(0, 3)
                       from iteration in Enumerable.Range(0, 4)
                       select (new LoaderPosition(epoch, iteration), Expected(sampler, epoch, iteration));
        Assert.Equal(expected, batches);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void ContrastiveBatches_AreTheSameBitsForAnyNumberOfWorkers(int workers)
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 7; i++)
            folder.Write($"{i}.png", TestImages.Png(i));

        using IImageSource source = ImageFolder.Open(folder.Path);
        ViewSettings views = ViewSettings.DenseCl with { CropSize = 16 };
        using var loader = BatchLoader.Start(
            source,
            new EpochSampler(7, new SamplerSettings { BatchSize = 3, Seed = 11 }),
            new ContrastiveFormat(source, views, seed: 11),
            new() { Workers = workers, Epochs = 2 });

        var position = new LoaderPosition(0, 0);
        while (loader.Next() is { } batch)
        {
            using (batch)
            {
                Assert.Equal([3, 2, 3, 16, 16], batch.Images.shape);
                Assert.Equal(MakeDirectly(source, views, batch), batch.Images.data<float>().ToArray());
                position = batch.Position;
            }
        }

        Assert.Equal(new LoaderPosition(1, 1), position);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 0)]
    [InlineData(1, 3)]
    public void Resume_ContinuesWithTheSameBatchesWithoutDecodingTheEarlierOnes(int epoch, int iteration)
    {
        var sampler = new EpochSampler(20, new SamplerSettings { BatchSize = 5 });
        var start = new LoaderPosition(epoch, iteration);
        LoaderSettings settings = new() { Epochs = 2, Workers = 2 };
        List<(LoaderPosition, float[])> whole, rest;
        using var source = new NumberedSource(20);
        using var sourceAgain = new NumberedSource(20);
        using (var loader = BatchLoader.Start(source, sampler, new NumberFormat(), settings))
            whole = ReadAll(loader);

        using (var loader = BatchLoader.Start(sourceAgain, sampler, new NumberFormat(), settings, start))
            rest = ReadAll(loader);

        Assert.Equal(whole.Skip((epoch * 4) + iteration), rest);
        Assert.Equal(rest.Count * 5, sourceAgain.Reads);
    }

    [Fact]
    public void Resume_AtTheEndOfAnEpochStartsTheNextOne()
    {
        using var source = new NumberedSource(20);
        using var loader = BatchLoader.Start(
            source,
            new EpochSampler(20, new SamplerSettings { BatchSize = 5 }),
            new NumberFormat(),
            new() { Epochs = 2 },
            new LoaderPosition(0, 4));

        using Batch? batch = loader.Next();

        Assert.Equal(new LoaderPosition(1, 0), batch?.Position);
    }

    [Fact]
    public void Workers_NeverRunFurtherAheadThanTheMemoryAllows()
    {
        const int batchSize = 4, readAhead = 2;
        int released = 0, mostAhead = 0;
        var gate = new Lock();
        using var source = new NumberedSource(40)
        {
            OnRead = reads =>
            {
                lock (gate)
                    mostAhead = Math.Max(mostAhead, reads - released);
            },
        };
        using var loader = BatchLoader.Start(
            source,
            new EpochSampler(40, new SamplerSettings { BatchSize = batchSize }),
            new NumberFormat(),
            new() { Workers = 3, ReadAheadBatches = readAhead, Epochs = 5 });

        while (loader.Next() is { } batch)
        {
            lock (gate)
                released += batchSize;
            batch.Dispose();
        }

        Assert.Equal(200, source.Reads);
        Assert.InRange(mostAhead, batchSize, (readAhead + 1) * batchSize);
    }

    [Fact]
    public void BatchMemory_IsUsedAgain()
    {
        using var source = new NumberedSource(100);
        using var loader = BatchLoader.Start(
            source,
            new EpochSampler(100, new SamplerSettings { BatchSize = 4 }),
            new NumberFormat(labels: true),
            new() { ReadAheadBatches = 2, Epochs = 3 });

        var memory = new HashSet<(IntPtr, IntPtr)>();
        while (loader.Next() is { } batch)
        {
            memory.Add((batch.Images.Handle, batch.Labels!.Handle));
            batch.Dispose();
        }

        Assert.InRange(memory.Count, 1, 3);
    }

    [Fact]
    public void Labels_BelongToTheirImages()
    {
        using var source = new NumberedSource(30);
        using var loader = BatchLoader.Start(
            source,
            new EpochSampler(30, new SamplerSettings { BatchSize = 10 }),
            new NumberFormat(labels: true),
            new() { Epochs = 1 });

        while (loader.Next() is { } batch)
        {
            Assert.Equal(torch.int64, batch.Labels!.dtype);
            Assert.Equal(batch.Labels.data<long>().ToArray(), ImagesOf(batch).Select(i => (long)i));
            Assert.Equal(batch.Indices.ToArray().Select(i => $"{i}.png"), batch.Names());
            batch.Dispose();
        }
    }

    [Fact]
    public void EvaluationPass_EndsWithTheRaggedBatch()
    {
        using var source = new NumberedSource(7);
        using var loader = BatchLoader.Start(
            source,
            new EpochSampler(
                7, new SamplerSettings { BatchSize = 3, Order = SampleOrder.Sequential, DropLast = false }),
            new NumberFormat(labels: true),
            new() { Epochs = 1 });

        List<(LoaderPosition, float[])> batches = ReadAll(loader);

        Assert.Equal([0f, 1, 2, 3, 4, 5, 6], batches.SelectMany(b => b.Item2));
        Assert.Equal([3, 3, 1], batches.Select(b => b.Item2.Length));
        Assert.Null(loader.Next());
    }

    [Fact]
    public void RaggedBatch_FreesItsViewsAndSurvivesADisposeScope()
    {
        using var source = new NumberedSource(3);
        using var loader = BatchLoader.Start(
            source,
            new EpochSampler(3, new SamplerSettings { BatchSize = 2, DropLast = false }),
            new NumberFormat(labels: true),
            new() { Epochs = 1 });
        loader.Next()!.Dispose();
        Batch batch;
        using (torch.NewDisposeScope())
            batch = loader.Next()!;

        Assert.Equal([1, 2], batch.Images.shape);
        batch.Dispose();

        Assert.True(batch.Images.IsInvalid);
        Assert.True(batch.Labels!.IsInvalid);
        Assert.Throws<ObjectDisposedException>(() => batch.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void DamagedImage_StopsTheRunWithItsNameByDefault(int workers)
    {
        using var source = new NumberedSource(20, damaged: [7, 8]);
        using var loader = BatchLoader.Start(
            source,
            new EpochSampler(20, new SamplerSettings { BatchSize = 5, Order = SampleOrder.Sequential }),
            new NumberFormat(),
            new() { Workers = workers });

        loader.Next()!.Dispose();
        var e = Assert.Throws<DatasetException>(loader.Next);

        Assert.Contains("7.png", e.Message);
    }

    [Fact]
    public void TruncatedFile_IsNamedWithItsSource()
    {
        using var folder = new TempFolder();
        folder.Write("a.png", TestImages.Png(1)[..200]);
        using IImageSource source = ImageFolder.Open(folder.Path);
        using var loader = BatchLoader.Start(
            source,
            new EpochSampler(1, new SamplerSettings { BatchSize = 1 }),
            new ContrastiveFormat(source, ViewSettings.DenseCl with { CropSize = 8 }, 0),
            new());

        var e = Assert.Throws<DatasetException>(loader.Next);

        Assert.Contains("a.png", e.Message);
        Assert.Contains(folder.Path, e.Message);
    }

    [Fact]
    public void FaultInADecoder_ReachesTheConsumerWithTheImagesName()
    {
        using var source = new NumberedSource(5);
        using var loader = BatchLoader.Start(
            source,
            new EpochSampler(5, new SamplerSettings { BatchSize = 5 }),
            new NumberFormat { OnDecode = i => throw new NotSupportedException($"fault {i}") },
            new() { Workers = 1 });

        var e = Assert.Throws<InvalidOperationException>(loader.Next);

        Assert.IsType<NotSupportedException>(e.InnerException);
        Assert.Contains(".png", e.Message);
    }

    [Fact]
    public void WorkerThatCannotStart_ReachesTheConsumer()
    {
        using var source = new NumberedSource(5);
        using var loader = BatchLoader.Start(
            source, new EpochSampler(5, new SamplerSettings { BatchSize = 5 }), new BrokenFormat(),
            new() { Workers = 3 });

        Assert.Throws<NotSupportedException>(loader.Next);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Skipping_PutsTheNextReadableImageInPlaceAndNamesEachDamagedOneOnce(int workers)
    {
        using var source = new NumberedSource(10, damaged: [4, 5, 9]);
        using var loader = BatchLoader.Start(
            source,
            new EpochSampler(10, new SamplerSettings { BatchSize = 5, Order = SampleOrder.Sequential }),
            new NumberFormat(labels: true),
            new()
            {
                Workers = workers,
                Epochs = 2,
                DamagedImages = DamagedImagePolicy.Skip,
                MaximumDamagedShare = 0.3,
            });

        var images = new List<float>();
        var named = new List<string>();
        while (loader.Next() is { } batch)
        {
            images.AddRange(ImagesOf(batch));
            named.AddRange(batch.NewlyDamaged.Select(d => d.Name));
            Assert.Equal(batch.Indices.ToArray().Select(i => (long)i), batch.Labels!.data<long>().ToArray());
            batch.Dispose();
        }

        float[] epoch = [0, 1, 2, 3, 6, 6, 6, 7, 8, 0];
        Assert.Equal(epoch.Concat(epoch), images);
        Assert.Equal(["4.png", "5.png", "9.png"], named);
        Assert.Equal(3, loader.DamagedCount);
    }

    [Fact]
    public void Skipping_MakesTheSameChoiceAfterAResume()
    {
        var sampler = new EpochSampler(40, new SamplerSettings { BatchSize = 8, Seed = 1 });
        LoaderSettings settings = new()
        {
            Epochs = 1,
            DamagedImages = DamagedImagePolicy.Skip,
            MaximumDamagedShare = 0.5,
        };
        List<(LoaderPosition, float[])> whole, rest;
        using var source = new NumberedSource(40, damaged: [1, 2, 3, 20, 39]);
        using (var loader = BatchLoader.Start(source, sampler, new NumberFormat(), settings))
            whole = ReadAll(loader);

        using (var loader = BatchLoader.Start(source, sampler, new NumberFormat(), settings, new LoaderPosition(0, 2)))
            rest = ReadAll(loader);

        Assert.Equal(whole.Skip(2), rest);
    }

    [Fact]
    public void Skipping_StopsAboveTheAllowedShare()
    {
        using var source = new NumberedSource(2000, damaged: [10, 11, 12]);
        using var loader = BatchLoader.Start(
            source,
            new EpochSampler(2000, new SamplerSettings { BatchSize = 6, Order = SampleOrder.Sequential }),
            new NumberFormat(),
            new() { DamagedImages = DamagedImagePolicy.Skip });

        loader.Next()!.Dispose();
        var e = Assert.Throws<DatasetException>(loader.Next);

        Assert.Contains("3 of 2000", e.Message);
        Assert.Contains("at most 2", e.Message);
    }

    [Fact]
    public void Loader_RefusesToWaitForMemoryThatItsCallerHolds()
    {
        using var source = new NumberedSource(20);
        using var loader = BatchLoader.Start(
            source, new EpochSampler(20, new SamplerSettings { BatchSize = 2 }), new NumberFormat(),
            new() { ReadAheadBatches = 1 });
        using Batch? first = loader.Next();
        using Batch? second = loader.Next();

        Assert.Throws<InvalidOperationException>(loader.Next);
    }

    [Fact]
    public void Disposal_EndsWorkersThatWaitForMemory()
    {
        using var source = new NumberedSource(20);
        var loader = BatchLoader.Start(
            source, new EpochSampler(20, new SamplerSettings { BatchSize = 2 }), new NumberFormat(),
            new() { Workers = 3 });
        loader.Next()!.Dispose();

        loader.Dispose();
        int reads = source.Reads;

        Assert.Throws<ObjectDisposedException>(loader.Next);
        Assert.Equal(reads, source.Reads);
    }

    private static List<(LoaderPosition Position, float[] Images)> ReadAll(BatchLoader loader)
    {
        var batches = new List<(LoaderPosition, float[])>();
        while (loader.Next() is { } batch)
        {
            Assert.All(Values(batch).Where((_, i) => i % 2 == 0), epoch => Assert.Equal(batch.Position.Epoch, epoch));
            batches.Add((batch.Position, ImagesOf(batch)));
            batch.Dispose();
        }

        return batches;
    }

    private static float[] Values(Batch batch) => batch.Images.data<float>().ToArray();

    private static float[] ImagesOf(Batch batch) => [.. Values(batch).Where((_, i) => i % 2 == 1)];

    private static float[] Expected(EpochSampler sampler, int epoch, int iteration) =>
        [.. sampler.IndicesOf(epoch).Skip(iteration * sampler.BatchSize).Take(sampler.BatchSize).Select(i => (float)i)];

    private sealed class BrokenFormat : ISampleFormat
    {
        public IReadOnlyList<long> Shape => [2];

        public bool HasLabels => false;

        public ISampleDecoder CreateDecoder() => throw new NotSupportedException("no decoder");
    }

    // The same views without loader, threads or shared memory.
    private static float[] MakeDirectly(IImageSource source, ViewSettings settings, Batch batch)
    {
        var values = new List<float>();
        foreach (int index in batch.Indices.ToArray())
        {
            var encoded = new EncodedImage();
            source.Read(index, encoded);
            using var decoder = new ImageDecoder();
            var image = new RgbImage();
            decoder.Decode(encoded.Bytes, "image", image);
            for (int view = 0; view < 2; view++)
            {
                var random = new SampleRandom(11, batch.Position.Epoch, index, view);
                float[] tensor = new float[settings.ValueCount];
                new ViewPipeline(settings).Make(image, ref random, tensor);
                values.AddRange(tensor);
            }
        }

        return [.. values];
    }
}
