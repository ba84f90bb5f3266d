using Dense.Detection;
using Dense.Distributed;
using Dense.Torch.Tests.Training.Detection.Data;
using Dense.Torch.Tests.Training.Detection.Logging;
using Dense.Torch.Tests.Training.Detection.Loop;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Evaluation;
using Dense.Training.Detection.Logging;
using Dense.Training.Detection.Settings;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Training.Detection.Evaluation;

[LeakCheck]
public class DetectionEvaluatorTests
{
    // E-22, E-28, E-174.
    [Fact]
    public void TestSets_AreEvaluatedInOrderEachIntoAFolderOfItsOwn()
    {
        using var scope = NewDisposeScope();
        using var folder = new TempFolder();
        using SmallSet two = SmallSet.WithImages(2), three = SmallSet.WithImages(3);
        using var detector = new ToyDetector();
        var screen = new RecordingScreen();
        using var log = new DetectionLog(folder["run"], 0, screen, TimeProvider.System);
        var settings = new DetectionRunSettings { TestSets = ["two", "three"], OutputDirectory = folder["run"] };

        IReadOnlyDictionary<string, double> results = new DetectionEvaluator(
            settings, Catalog(folder, two, three), Ready, log, SingleProcess.Instance, TimeProvider.System)
            .Run(detector);

        Assert.Equal(["two/bbox", "three/bbox"], results.Keys.Select(k => k[..k.LastIndexOf('/')]).Distinct());
        string first = File.ReadAllText(folder["run/inference/coco_instances_results.json"]);
        string second = File.ReadAllText(folder["run/inference/three/coco_instances_results.json"]);
        Assert.Equal((2, 3), (first.Split("image_id").Length - 1, second.Split("image_id").Length - 1));
        Assert.Equal(
            ["Evaluation results for two in csv format:", "Evaluation results for three in csv format:"],
            screen.Notes.Select(n => n.Message).Where(m => m.EndsWith("in csv format:")));
    }

    // E-203.
    [Theory]
    [InlineData(100, false)]
    [InlineData(101, true)]
    public void MoreDetectionsThanTheMetricCounts_AreWarnedAbout(int most, bool warned)
    {
        using var scope = NewDisposeScope();
        using var folder = new TempFolder();
        using SmallSet two = SmallSet.WithImages(2), three = SmallSet.WithImages(1);
        using var detector = new ToyDetector();
        var screen = new RecordingScreen();
        using var log = new DetectionLog(folder["run"], 0, screen, TimeProvider.System);
        var settings = new DetectionRunSettings { TestSets = ["two"], OutputDirectory = folder["run"] };
        settings = settings with
        {
            Detector = settings.Detector with { Fcos = new() { DetectionsPerImage = most } },
        };

        new DetectionEvaluator(
            settings, Catalog(folder, two, three), Ready, log, SingleProcess.Instance, TimeProvider.System)
            .Run(detector);

        Assert.Equal(warned, screen.Notes.Any(n => n.Message.Contains("densecl evaluate --max-dets 101")));
    }

    private static DatasetCatalog Catalog(TempFolder folder, SmallSet two, SmallSet three)
    {
        two.Read();
        three.Read();
        return DatasetCatalog.Open(folder.Path, folder.Write("sets.yaml", $$"""
            three: {json_file: {{three.Folder}}/annotations.json, image_root: {{three.Folder}}}
            two: {json_file: {{two.Folder}}/annotations.json, image_root: {{two.Folder}}}
            """));
    }

    private static ImageBatch Ready(IReadOnlyList<InputImage> images) =>
        ImageBatching.Create(images, new(), CPU);
}
