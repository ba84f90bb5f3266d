using System.Diagnostics;
using Dense.Detection.Settings;
using Dense.Torch.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.SoloV2;

/// <summary>KF-18: memory does not grow with candidates and detections.</summary>
[LeakCheck]
[Trait("Category", "Golden")]
[Trait("Category", "Soak")]
public class SoloMemoryTests(ITestOutputHelper output)
{
    private const int Detections = 300;
    private const long Limit = 4L << 30;

    [Fact]
    public void ThreeHundredDetectionsInALargeImage_TakeLessThanFourGigabytes()
    {
        using DisposeScope scope = NewDisposeScope();
        using var run = new SoloRun("r50", ScalarType.Float32, training: false, change: Crowded);
        byte[] pixels = new byte[3 * 800 * 1333];
        new Random(1).NextBytes(pixels);
        var image = new InputImage
        {
            Pixels = pixels,
            Height = 800,
            Width = 1333,
            OriginalHeight = 1200,
            OriginalWidth = 2000,
        };
        var watch = Stopwatch.StartNew();

        using ImageBatch batch = ImageBatching.Create([image], run.Detector.Settings, CPU);
        ImageDetections found = Assert.Single(run.Detector.Detect(batch, [image]));

        Assert.Equal(Detections, found.Count);
        using Process self = Process.GetCurrentProcess();
        output.WriteLine($"peak {self.PeakWorkingSet64 >> 20} MB, {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.True(self.PeakWorkingSet64 < Limit);
    }

    private static DetectorSettings Crowded(DetectorSettings settings) => settings with
    {
        SoloV2 = settings.SoloV2 with
        {
            ScoreThreshold = 0.02,
            UpdateThreshold = 0,
            DetectionsPerImage = Detections,
        },
    };
}
