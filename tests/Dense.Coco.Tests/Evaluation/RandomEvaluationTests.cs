using Dense.Coco.Annotations;
using Dense.Coco.Evaluation;
using Dense.Coco.Results;

namespace Dense.Coco.Tests.Evaluation;

public class RandomEvaluationTests
{
    private const int Cases = 400;

    [Fact]
    public void Evaluation_EqualsTheSpecificationWrittenDownNaively()
    {
        int undefined = 0;
        for (int seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            (CocoDataset dataset, DetectionList detections) = Draw(random);
            EvaluationSettings settings = DrawSettings(random);

            EvaluationResult result = CocoEvaluator.Evaluate(dataset, detections, settings);

            (double[] precision, double[] recall) = new NaiveEvaluator(dataset, detections, settings).Evaluate();
            Assert.True(result.Arrays.Precision.SequenceEqual(precision), $"precision, seed {seed}");
            Assert.True(result.Arrays.Recall.SequenceEqual(recall), $"recall, seed {seed}");
            undefined += result.Metrics.AP < 0 ? 1 : 0;
        }

        Assert.InRange(undefined, 1, Cases / 2);
    }

    // Few places and sizes, so that equal overlaps, equal scores and shared ranks are common.
    private static (CocoDataset Dataset, DetectionList Detections) Draw(Random random)
    {
        var dataset = new CocoDataset();
        var detections = new DetectionList();
        long[] categories = [.. Enumerable.Range(0, random.Next(1, 4)).Select(k => (long)(3 * k + 1))];
        dataset.Categories.AddRange(categories.Select(id => new CocoCategory(id, $"class {id}")));
        int firstId = random.Next(2);
        for (int image = random.Next(1, 6); image > 0; image--)
        {
            dataset.Images.Add(new CocoImage(image * 7, $"{image}.jpg", 100, 100));
            for (int n = random.Next(0, 8); n > 0; n--)
            {
                BoxXywh box = DrawBox(random);
                dataset.Annotations.Add(new CocoAnnotation(
                    firstId + dataset.Annotations.Count, image * 7, Pick(categories, random), box, box.Area,
                    random.Next(6) == 0, default));
            }

            for (int n = random.Next(0, 14); n > 0; n--)
            {
                long category = random.Next(20) == 0 ? 99 : Pick(categories, random);
                detections.Add(new Detection(image * 7, category, random.Next(1, 8) / 8.0, DrawBox(random)));
            }
        }

        return (dataset, detections);
    }

    private static EvaluationSettings DrawSettings(Random random)
    {
        var settings = new EvaluationSettings
        {
            MaxThreads = random.Next(1, 3),
            UseCategories = random.Next(4) != 0,
            MaxDetections = random.Next(3) == 0 ? [5, 2] : [1, 10, 100],
        };
        if (random.Next(3) == 0)
            settings = settings with { IouThresholds = [0.9, 0.25, 1], RecallThresholds = [0, 0.1, 0.1, 0.5, 0.75, 1] };
        if (random.Next(3) == 0)
            settings = settings with { AreaRanges = [new("all", 0, 1e10), new("middle", 100, 400)] };
        if (random.Next(4) == 0)
            settings = settings with { ImageIds = [14, 7], CategoryIds = [4, 1] };

        return settings;
    }

    private static BoxXywh DrawBox(Random random) =>
        new(10 * random.Next(3), 10 * random.Next(3), 10 * random.Next(1, 5), 10 * random.Next(1, 5));

    private static long Pick(long[] from, Random random) => from[random.Next(from.Length)];
}
