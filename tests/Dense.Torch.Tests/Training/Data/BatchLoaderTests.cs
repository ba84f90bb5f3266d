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

        List<(LoaderPosition, float[])> batches = loader.ReadAll();

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
            whole = loader.ReadAll();

        using (var loader = BatchLoader.Start(sourceAgain, sampler, new NumberFormat(), settings, start))
            rest = loader.ReadAll();

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
            Assert.Equal(batch.Labels.data<long>().ToArray(), batch.Numbers().Select(i => (long)i));
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

        List<(LoaderPosition, float[])> batches = loader.ReadAll();

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

    private static float[] Expected(EpochSampler sampler, int epoch, int iteration) =>
        [.. sampler.IndicesOf(epoch).Skip(iteration * sampler.BatchSize).Take(sampler.BatchSize).Select(i => (float)i)];

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
