using System.Text.Json;
using Dense.Coco.Annotations;
using Dense.Coco.Results;
using Dense.Distributed;
using Dense.Training.Detection.Loop;
using Dense.Training.Detection.Settings;
using Dense.Training.Loop;
using CocoDetection = Dense.Coco.Results.Detection;

namespace Dense.Torch.Tests.Training.Detection.Reference;

/// <summary>From a COCO file and images to AP, through every part: golden/detection/end_to_end.</summary>
[LeakCheck]
[Trait("Category", "Golden")]
public class EvaluationGoldenTests
{
    // golden/detection/README.md.
    private const double BoxPixels = 0.01, Score = 5e-5, MaskShare = 1e-4, MatchedShare = 0.98;

    // golden/detection/end_to_end/README.md.
    private const double MetricPoints = 0.5;

    public static TheoryData<string> Files => Golden.Files("detection/end_to_end", "config_*.yaml");

    [Theory]
    [MemberData(nameof(Files))]
    public void Evaluation_EqualsTheReference(string file)
    {
        string name = Path.GetFileNameWithoutExtension(file).Replace("config_", "");
        string folder = Golden.Require("detection", "end_to_end");
        using var output = new TempFolder();
        using var scope = TorchSharp.torch.NewDisposeScope();
        DetectionConfiguration configuration = DetectionConfiguration.Load(Path.Combine(folder, file),
        [
            "DATASETS.TEST", "('golden',)", "DATASETS.TRAIN", "('golden',)", "MODEL.DEVICE", "cpu",
            "MODEL.WEIGHTS", output["filled.pth"], "OUTPUT_DIR", output["run"],
        ]);
        FilledModel.Save(configuration, output["filled.pth"]);
        var options = new DetectionRunOptions
        {
            Task = DetectionTask.Evaluate,
            ZeroSoloV2Boxes = true,
            DatasetRegistrations = output.Write("sets.json", JsonSerializer.Serialize(new Dictionary<string, object>
            {
                ["golden"] = new { json_file = Path.Combine(folder, $"instances_{name}.json"), image_root = folder },
            })),
        };

        using (var run = new DetectionRun(configuration, options, null, SingleProcess.Instance, TimeProvider.System))
            Assert.Equal(DetectionOutcome.Done, run.Execute(new StopRequest()));

        AssertMetrics(Path.Combine(folder, $"metrics_{name}.json"), output["run"]);
        AssertDetections(
            DetectionList.Load(Path.Combine(folder, $"results_{name}.json")),
            DetectionList.Load(output["run/inference/coco_instances_results.json"]),
            CocoDataset.Load(Path.Combine(folder, $"instances_{name}.json")));
    }

    // The lines to copy have all tasks with four decimals.
    private static void AssertMetrics(string path, string run)
    {
        using var golden = JsonDocument.Parse(File.ReadAllText(path));
        string[] lines = [.. File.ReadLines(Path.Combine(run, "log.txt")).Where(l => l.Contains("copypaste: "))
            .Select(l => l[(l.IndexOf("copypaste: ", StringComparison.Ordinal) + 11)..])];
        JsonProperty[] tasks = [.. golden.RootElement.GetProperty("metrics").EnumerateObject()];
        Assert.Equal(3 * tasks.Length, lines.Length);
        foreach (JsonProperty task in tasks)
        {
            int at = Array.IndexOf(lines, $"Task: {task.Name}");
            foreach (var (metric, value) in lines[at + 1].Split(',').Zip(lines[at + 2].Split(',')))
            {
                JsonElement expected = task.Value.GetProperty(metric);
                if (expected.ValueKind == JsonValueKind.Null)
                    Assert.Equal("nan", value);
                else
                    Assert.InRange(double.Parse(value) - expected.GetDouble(), -MetricPoints, MetricPoints);
            }
        }
    }

    private static void AssertDetections(DetectionList expected, DetectionList actual, CocoDataset dataset)
    {
        foreach (CocoImage image in dataset.Images)
        {
            List<CocoDetection> left = [.. actual.Where(d => d.ImageId == image.Id)];
            CocoDetection[] wanted = [.. expected.Where(d => d.ImageId == image.Id)];
            Assert.Equal(wanted.Length, left.Count);
            int matched = 0;
            foreach (CocoDetection detection in wanted)
            {
                int index = left.FindIndex(d => IsSame(detection, d, image));
                if (index < 0)
                    continue;

                left.RemoveAt(index);
                matched++;
            }

            Assert.True(matched >= MatchedShare * wanted.Length, $"Image {image.Id}: {matched} of {wanted.Length}.");
        }
    }

    private static bool IsSame(CocoDetection a, CocoDetection b, CocoImage image) =>
        a.CategoryId == b.CategoryId && Math.Abs(a.Score - b.Score) <= Score
        && Math.Abs(a.Box!.Value.X - b.Box!.Value.X) <= BoxPixels
        && Math.Abs(a.Box.Value.Y - b.Box.Value.Y) <= BoxPixels
        && Math.Abs(a.Box.Value.Width - b.Box.Value.Width) <= 2 * BoxPixels
        && Math.Abs(a.Box.Value.Height - b.Box.Value.Height) <= 2 * BoxPixels
        && a.Segmentation.Kind == b.Segmentation.Kind
        && (a.Segmentation.Kind == SegmentationKind.None || DifferentShare(a, b, image) <= MaskShare);

    private static double DifferentShare(CocoDetection a, CocoDetection b, CocoImage image)
    {
        byte[] first = a.Segmentation.ToMask(image.Height, image.Width).ToColumnMajor();
        byte[] second = b.Segmentation.ToMask(image.Height, image.Width).ToColumnMajor();
        return first.Zip(second).Count(p => p.First != p.Second) / (double)first.Length;
    }
}
