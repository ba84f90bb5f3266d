using Dense.Imaging;
using Dense.Training.Data;
using Dense.Training.Data.Formats;
using Dense.Training.Data.Loading;
using Dense.Training.Data.Sampling;
using Dense.Training.Data.Sources;

namespace Dense.Torch.Tests.Training.Data;

public class DamagedImageTests
{
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
            images.AddRange(batch.Numbers());
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
            whole = loader.ReadAll();

        using (var loader = BatchLoader.Start(source, sampler, new NumberFormat(), settings, new LoaderPosition(0, 2)))
            rest = loader.ReadAll();

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

    private sealed class BrokenFormat : ISampleFormat
    {
        public IReadOnlyList<long> Shape => [2];

        public bool HasLabels => false;

        public ISampleDecoder CreateDecoder() => throw new NotSupportedException("no decoder");
    }
}
