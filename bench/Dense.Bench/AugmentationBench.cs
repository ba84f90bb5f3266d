using Dense.Imaging;

namespace Dense.Bench;

/// <summary>
/// Decoding and two DenseCL views (P-80) on one core, against Pillow and torchvision on the same files (P-223). The
/// files are the JPEGs of the folder that <c>DENSE_BENCH_IMAGES</c> names, else generated ones of 500 x 375 pixels.
/// </summary>
internal static class AugmentationBench
{
    private const int Rounds = 5;
    private const int ImagesPerRound = 120;
    private static readonly string[] Steps = ["decode", "views", "total"];

    /// <summary>Measures alternately, ours and the peer's.</summary>
    public static IEnumerable<BenchResult> Run()
    {
        using var folder = BenchImages.Open();
        return Measure(folder.Path);
    }

    private static List<BenchResult> Measure(string folder)
    {
        byte[][] files =
            [.. Directory.GetFiles(folder, "*.jpg").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        int passes = Math.Max(1, ImagesPerRound / files.Length);
        using ImageDecoder turbo = new(), skia = new(new ImageDecoderSettings { UseTurboJpeg = false });
        List<Dictionary<string, double>> withTurbo = [], withSkia = [], peer = [];
        MeasureOurs(files, passes, turbo);
        for (int round = 0; round < Rounds; round++)
        {
            withTurbo.Add(MeasureOurs(files, passes, turbo));
            if (Peer.Figures("augmentation.py", folder, $"{passes}") is { } measured)
                peer.Add(measured);
            withSkia.Add(MeasureOurs(files, passes, skia));
        }

        List<BenchResult> results = [];
        string conditions = $"{files.Length} JPEGs, {files.Average(f => f.Length) / 1024:F0} KiB each, one thread, "
            + $"CPU time, median of {Rounds} alternating rounds";
        foreach (string step in Steps)
        {
            if (turbo.UsesTurboJpeg && step != "views")
                results.Add(Row($"{step}, libturbojpeg", step, withTurbo, peer, conditions));
            results.Add(Row(step == "views" ? "two DenseCL views" : $"{step}, Skia", step, withSkia, peer, conditions));
        }

        return results;
    }

    private static BenchResult Row(
        string what,
        string step,
        List<Dictionary<string, double>> ours,
        List<Dictionary<string, double>> peer,
        string conditions)
    {
        double own = Median(ours, step);
        return peer.Count == 0
            ? new BenchResult(what, Figure(own), "Pillow and torchvision: not installed", "", conditions)
            : new BenchResult(
                what,
                Figure(own),
                $"Pillow and torchvision {Figure(Median(peer, step))}",
                $"{Median(peer, step) / own:F1}x",
                conditions);

        static string Figure(double seconds) => $"{seconds * 1000:F2} ms, {1 / seconds:F0}/s";
    }

    private static double Median(List<Dictionary<string, double>> rounds, string step)
    {
        double[] sorted = [.. rounds.Select(r => r[step]).Order()];
        return sorted[sorted.Length / 2];
    }

    private static Dictionary<string, double> MeasureOurs(byte[][] files, int passes, ImageDecoder decoder)
    {
        ViewPipeline pipeline = new(ViewSettings.DenseCl);
        RgbImage image = new();
        RgbImage[] decoded = [.. files.Select(f =>
        {
            RgbImage d = new();
            decoder.Decode(f, "bench", d);
            return d;
        })];
        float[] views = new float[2 * pipeline.Settings.ValueCount];
        return new Dictionary<string, double>
        {
            ["decode"] = Time(i => decoder.Decode(files[i], "bench", image)),
            ["views"] = Time(i => MakeViews(decoded[i], i)),
            ["total"] = Time(i =>
            {
                decoder.Decode(files[i], "bench", image);
                MakeViews(image, i);
            }),
        };

        void MakeViews(RgbImage source, int sample)
        {
            for (int view = 0; view < 2; view++)
            {
                SampleRandom random = new(0, 0, sample, view);
                int count = pipeline.Settings.ValueCount;
                pipeline.Make(source, ref random, views.AsSpan(view * count, count));
            }
        }

        double Time(Action<int> step)
        {
            step(0);
            TimeSpan start = Environment.CpuUsage.TotalTime;
            for (int pass = 0; pass < passes; pass++)
            {
                for (int i = 0; i < files.Length; i++)
                    step(i);
            }

            return (Environment.CpuUsage.TotalTime - start).TotalSeconds / (passes * files.Length);
        }
    }
}
