using System.Diagnostics;
using Dense.Imaging;
using Dense.Training.Data;
using Dense.Training.Data.Formats;
using Dense.Training.Data.Loading;
using Dense.Training.Data.Sampling;
using Dense.Training.Data.Sources;

namespace Dense.Bench;

/// <summary>
/// Contrastive batches through the whole loader, from files to tensors, with one and two workers, against one thread
/// that does nothing but decode the same files from memory and make their views: what threads, hand-over and reading
/// cost (P-222, P-223).
/// </summary>
internal static class LoaderBench
{
    private const int BatchSize = 16;
    private const int Batches = 16;
    private const int Rounds = 5;

    /// <summary>Measures the three ways alternately.</summary>
    public static IEnumerable<BenchResult> Run()
    {
        using var folder = BenchImages.Open();
        using IImageSource source = ImageFolder.Open(folder.Path);
        List<Measurement> views = [], one = [], two = [];
        MeasureViews(source);
        for (int round = 0; round < Rounds; round++)
        {
            views.Add(MeasureViews(source));
            one.Add(MeasureLoader(source, workers: 1));
            two.Add(MeasureLoader(source, workers: 2));
        }

        string conditions =
            $"{source.Count} JPEGs, two DenseCL views of 224, {Batches} batches of {BatchSize}, median of "
            + $"{Rounds} alternating rounds, {Environment.ProcessorCount} cores";
        return [Row("loader, 1 worker", one, views, conditions), Row("loader, 2 workers", two, views, conditions)];
    }

    private static BenchResult Row(string what, List<Measurement> ours, List<Measurement> peer, string conditions)
    {
        double own = Median(ours, m => m.Cpu), other = Median(peer, m => m.Cpu);
        return new BenchResult(
            what,
            $"{1 / Median(ours, m => m.Wall):F0} img/s, {1000 * own:F2} CPU-ms, "
                + $"{Median(ours, m => m.AllocatedBytes) / 1024:F1} KiB allocated",
            $"views only, 1 thread: {1 / Median(peer, m => m.Wall):F0} img/s, {1000 * other:F2} CPU-ms",
            $"{other / own:F2}x of CPU time",
            conditions + "; all figures per image");
    }

    private static double Median(List<Measurement> rounds, Func<Measurement, double> figure)
    {
        double[] sorted = [.. rounds.Select(figure).Order()];
        return sorted[sorted.Length / 2];
    }

    private static Measurement MeasureLoader(IImageSource source, int workers)
    {
        var sampler = new EpochSampler(source.Count, new SamplerSettings { BatchSize = BatchSize });
        using var loader = BatchLoader.Start(
            source, sampler, new ContrastiveFormat(source, ViewSettings.DenseCl, seed: 0),
            new LoaderSettings { Workers = workers });

        // Thread start and first buffers are not what is measured, and neither is what was made ahead during them.
        for (int i = 0; i < 4; i++)
            loader.Next()!.Dispose();

        return Measure(() =>
        {
            for (int i = 0; i < Batches; i++)
                loader.Next()!.Dispose();
        });
    }

    private static Measurement MeasureViews(IImageSource source)
    {
        var sampler = new EpochSampler(source.Count, new SamplerSettings { BatchSize = BatchSize });
        EncodedImage[] files = [.. Enumerable.Range(0, source.Count).Select(i =>
        {
            var file = new EncodedImage();
            source.Read(i, file);
            return file;
        })];
        using ISampleDecoder decoder = new ContrastiveFormat(source, ViewSettings.DenseCl, seed: 0).CreateDecoder();
        float[] sample = new float[2 * ViewSettings.DenseCl.ValueCount];
        int[] order = sampler.IndicesOf(0);
        return Measure(() =>
        {
            for (int i = 0; i < Batches * BatchSize; i++)
                decoder.Decode(files[order[i % order.Length]].Bytes, "bench", 0, order[i % order.Length], sample);
        });
    }

    private static Measurement Measure(Action work)
    {
        using var process = Process.GetCurrentProcess();
        TimeSpan cpu = process.TotalProcessorTime;
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long begin = Stopwatch.GetTimestamp();
        work();
        double wall = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        process.Refresh();
        const double images = Batches * BatchSize;
        return new Measurement(
            wall / images,
            (process.TotalProcessorTime - cpu).TotalSeconds / images,
            (GC.GetTotalAllocatedBytes(precise: true) - allocated) / images);
    }

    private sealed record Measurement(double Wall, double Cpu, double AllocatedBytes);
}
