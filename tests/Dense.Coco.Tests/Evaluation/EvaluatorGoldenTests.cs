using System.Text.Json;
using Dense.Coco.Evaluation;

namespace Dense.Coco.Tests.Evaluation;

/// <summary>
/// The evaluator against pycocotools, with no difference at all: ../shared/golden/detection/cocoeval.
/// </summary>
[Trait("Category", "Golden")]
public class EvaluatorGoldenTests
{
    public static TheoryData<string> Cases { get; } = Golden.Files("detection/cocoeval", "*.expected.json");

    public static TheoryData<string> Traces { get; } = Golden.Files("detection/cocoeval", "*.per_image.json");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Evaluation_EqualsTheReferenceToTheLastBit(string file)
    {
        using var golden = new EvaluationCase(file);

        EvaluationResult result = CocoEvaluator.Evaluate(golden.Dataset, golden.Detections, golden.Settings);

        JsonElement stats = golden.Expected.GetProperty("stats");
        Assert.Equal(12, stats.EnumerateObject().Count());
        Assert.All(result.Metrics.ToList(), m => Assert.Equal(stats.GetProperty(m.Name).GetDouble(), m.Value));
        CheckCategories(golden.Expected.GetProperty("per_category"), result);
        CheckArrays(golden.Arrays, result.Arrays);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Evaluation_DoesNotDependOnTheNumberOfThreads(string file)
    {
        using var golden = new EvaluationCase(file);

        EvaluationResult one = CocoEvaluator.Evaluate(
            golden.Dataset, golden.Detections, golden.Settings with { MaxThreads = 1 });
        EvaluationResult two = CocoEvaluator.Evaluate(
            golden.Dataset, golden.Detections, golden.Settings with { MaxThreads = 2 });

        Assert.True(one.Arrays.Precision.SequenceEqual(two.Arrays.Precision));
        Assert.True(one.Arrays.Scores.SequenceEqual(two.Arrays.Scores));
        Assert.True(one.Arrays.Recall.SequenceEqual(two.Arrays.Recall));
        Assert.Equal(one.Metrics, two.Metrics);
    }

    [Theory]
    [MemberData(nameof(Traces))]
    public void Matches_EqualTheReferenceImageByImage(string file)
    {
        using var golden = new EvaluationCase(file.Replace("per_image", "expected"));
        using JsonDocument expected = JsonDocument.Parse(
            File.ReadAllText(Golden.Require("detection", "cocoeval", file)));
        EvaluationSettings settings = golden.Settings with { MaxThreads = 1 };
        EvaluationPlan? plan = null;
        var matches = new Dictionary<(int Area, int Detection, int Threshold), int>();

        CocoEvaluator.Evaluate(golden.Dataset, golden.Detections, settings, p =>
        {
            plan = p;
            return (area, detection, groundTruth, thresholds) =>
            {
                for (int t = 0; t < 10; t++)
                {
                    if ((thresholds >> t & 1) != 0)
                        matches[(area, detection, t)] = groundTruth;
                }
            };
        });

        int checkedMatches = 0;
        foreach (JsonElement row in expected.RootElement.EnumerateArray())
            checkedMatches += CheckImage(row, golden, plan!, settings, matches);

        Assert.True(checkedMatches > 100);
    }

    private static int CheckImage(
        JsonElement row,
        EvaluationCase golden,
        EvaluationPlan plan,
        EvaluationSettings settings,
        Dictionary<(int Area, int Detection, int Threshold), int> matches)
    {
        int area = settings.AreaRanges.ToList().FindIndex(a =>
            a.Smallest == row.GetProperty("area_range")[0].GetDouble() &&
            a.Largest == row.GetProperty("area_range")[1].GetDouble());
        int image = Array.IndexOf(plan.ImageIds, row.GetProperty("image_id").GetInt64());
        int category = Array.IndexOf(plan.CategoryIds, row.GetProperty("category_id").GetInt64());
        Group group = plan.Groups.Single(g => g.Image == image && g.Category == category);

        int[] slots = [.. Enumerable.Range(group.DetectionStart, group.DetectionCount)];
        Assert.Equal(
            row.GetProperty("dtIds").EnumerateArray()
            .Select(d => d.GetInt32()), slots.Select(s => plan.Detection[s] + 1));
        int count = 0;
        foreach (JsonProperty threshold in row.GetProperty("dtMatches").EnumerateObject())
        {
            int t = threshold.Name switch
            {
                "0.50" => 0,
                "0.75" => 5,
                "0.95" => 9,
                _ => throw new InvalidDataException(),
            };
            long[] ids =
            [
                .. slots.Select(s => matches.TryGetValue((area, s, t), out int g)
                    ? golden.Dataset.Annotations[plan.GroundTruth[g]].Id
                    : 0),
            ];
            Assert.Equal(threshold.Value.EnumerateArray().Select(m => m.GetInt64()), ids);
            count += ids.Length;
        }

        return count;
    }

    private static void CheckCategories(JsonElement expected, EvaluationResult result)
    {
        Assert.Equal(expected.EnumerateObject().Count(), result.Categories.Count);
        foreach (CategoryMetrics own in result.Categories)
        {
            JsonElement row = expected.GetProperty($"{own.Category.Id}");
            Assert.Equal(Value(row, "AP_all"), own.Metrics.AP);
            Assert.Equal(Value(row, "AP_small"), own.Metrics.APs);
            Assert.Equal(Value(row, "AP_medium"), own.Metrics.APm);
            Assert.Equal(Value(row, "AP_large"), own.Metrics.APl);
            Assert.Equal(Value(row, "AP50"), own.Metrics.AP50);
            Assert.Equal(Value(row, "AR100"), own.Metrics.AR100);
        }

        static double Value(JsonElement row, string name) =>
            row.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : -1;
    }

    private static void CheckArrays(GoldenArrays expected, EvaluationArrays own)
    {
        Assert.Equal(expected.Doubles("recall"), own.Recall);
        if (expected.Names.Contains("precision"))
        {
            Assert.Equal(expected.Doubles("precision"), own.Precision);
            if (expected.Names.Contains("scores"))
                Assert.Equal(expected.Doubles("scores"), own.Scores);

            return;
        }

        double[] slice = expected.Doubles("precision_all_areas_100_dets");
        int i = 0;
        for (int t = 0; t < own.IouCount; t++)
        {
            for (int r = 0; r < own.RecallCount; r++)
            {
                for (int k = 0; k < own.CategoryCount; k++)
                    Assert.Equal(slice[i++], own.PrecisionAt(t, r, k, area: 0, limit: 2));
            }
        }

        Assert.Equal(slice.Length, i);
    }
}
