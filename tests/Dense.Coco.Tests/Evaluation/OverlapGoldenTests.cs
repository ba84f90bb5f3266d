using System.Text.Json;
using Dense.Coco.Annotations;
using Dense.Coco.Evaluation;
using Dense.Coco.Masks;
using Dense.Coco.Results;

namespace Dense.Coco.Tests.Evaluation;

/// <summary>Overlap matrices against pycocotools: detections by descending score, annotations in file order.</summary>
[Trait("Category", "Golden")]
public class OverlapGoldenTests
{
    public static TheoryData<string> Cases { get; } = Golden.Files("detection/cocoeval", "*.ious.json");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Overlaps_EqualTheReference(string file)
    {
        using var golden = new EvaluationCase(file.Replace("ious", "expected"));
        using JsonDocument expected = JsonDocument.Parse(
            File.ReadAllText(Golden.Require("detection", "cocoeval", file)));
        int pairs = 0;
        foreach (JsonProperty entry in expected.RootElement.EnumerateObject())
        {
            long[] key = [.. entry.Name.Split(',').Select(long.Parse)];
            Detection[] detections =
            [
                .. golden.Detections.Where(d => d.ImageId == key[0] && d.CategoryId == key[1])
                    .OrderByDescending(d => d.Score),
            ];
            CocoAnnotation[] annotations =
            [
                .. golden.Dataset.Annotations.Where(a => a.ImageId == key[0] && a.CategoryId == key[1]),
            ];
            CocoImage image = golden.Dataset.Images.Single(i => i.Id == key[0]);
            foreach (var (row, detection) in entry.Value.EnumerateArray().Zip(detections))
            {
                foreach (var (iou, annotation) in row.EnumerateArray().Zip(annotations))
                {
                    Assert.Equal(iou.GetDouble(), Overlap(golden.Settings.Task, image, detection, annotation));
                    pairs++;
                }
            }
        }

        Assert.True(pairs > 20);
    }

    private static double Overlap(
        EvaluationTask task, CocoImage image, Detection detection, CocoAnnotation annotation) =>
        task == EvaluationTask.Box
            ? BoxXywh.Iou(detection.Box!.Value, annotation.Box!.Value, annotation.IsCrowd)
            : RunLengthMask.Iou(
                detection.Segmentation.ToMask(image.Height, image.Width),
                annotation.Segmentation.ToMask(image.Height, image.Width),
                annotation.IsCrowd);
}
