using Dense.Coco.Annotations;
using Dense.Coco.Evaluation;

namespace Dense.Coco.Tests.Evaluation;

/// <summary>Appendix C.1 of the specification, and what changes when its input does.</summary>
public class SmallEvaluationTests
{
    private static readonly double[] BoxStatistics =
    [
        0.5275742574257425, 0.878217821782178, 0.3782178217821781, 0.6499999999999999, 0.693234323432343, -1.0,
        0.3333333333333333, 0.6333333333333333, 0.6333333333333333, 0.65, 0.85, -1.0,
    ];

    private static readonly double[] MaskStatistics =
    [
        0.5393069306930691, 0.878217821782178, 0.3782178217821781, 0.6499999999999999, 0.7346534653465344, -1.0,
        0.35, 0.65, 0.65, 0.65, 0.9, -1.0,
    ];

    [Fact]
    public void Evaluation_GivesTheSpecificationsNumbers()
    {
        EvaluationResult boxes = Evaluate(SmallCase.Annotations, SmallCase.Results, EvaluationTask.Box);
        EvaluationResult masks = Evaluate(SmallCase.Annotations, SmallCase.Results, EvaluationTask.Mask);

        Assert.Equal(BoxStatistics, boxes.Metrics.ToList().Select(m => m.Value));
        Assert.Equal(MaskStatistics, masks.Metrics.ToList().Select(m => m.Value));
        Assert.Equal([0.6551485148514851, 0.39999999999999997, -1], boxes.Categories.Select(c => c.Metrics.AP));
        Assert.Equal([0.6786138613861386, 0.39999999999999997, -1], masks.Categories.Select(c => c.Metrics.AP));
        Assert.Empty(boxes.Warnings);
        Assert.Empty(masks.Warnings);
    }

    [Fact]
    public void Summary_ReadsAsEverybodyKnowsIt()
    {
        IReadOnlyList<string> lines = SummaryText.Lines(
            Evaluate(SmallCase.Annotations, SmallCase.Results, EvaluationTask.Box));

        Assert.Equal(12, lines.Count);
        Assert.Equal(" Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.528", lines[0]);
        Assert.Equal(" Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 0.878", lines[1]);
        Assert.Equal(" Average Precision  (AP) @[ IoU=0.50:0.95 | area= large | maxDets=100 ] = -1.000", lines[5]);
        Assert.Equal(" Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=  1 ] = 0.333", lines[6]);
        Assert.Equal(" Average Recall     (AR) @[ IoU=0.50:0.95 | area=medium | maxDets=100 ] = 0.850", lines[10]);
    }

    // E-135: what C's printf makes of these, whose exact values are a little below the tie, and on it.
    [Theory]
    [InlineData(0.8995, "0.899")]
    [InlineData(0.3125, "0.312")]
    [InlineData(0.1875, "0.188")]
    public void Summary_RoundsAsPrintfDoes(double value, string expected)
    {
        EvaluationResult result = Evaluate(SmallCase.Annotations, SmallCase.Results, EvaluationTask.Box);

        string line = SummaryText.Lines(result with { Metrics = result.Metrics with { AP = value } })[0];

        Assert.EndsWith($" = {expected}", line);
    }

    [Fact]
    public void MissingAreaAndCrowdFlag_AreFilledInWithAWarning()
    {
        string lacking = SmallCase.Annotations.Replace("\"area\": 400, \"iscrowd\": 0, ", "");

        EvaluationResult boxes = Evaluate(lacking, SmallCase.Results, EvaluationTask.Box);
        EvaluationResult masks = Evaluate(lacking, SmallCase.Results, EvaluationTask.Mask);

        Assert.Equal(BoxStatistics, boxes.Metrics.ToList().Select(m => m.Value));
        Assert.Equal(MaskStatistics, masks.Metrics.ToList().Select(m => m.Value));
        Assert.Equal(2, boxes.Warnings.Count);
        Assert.Contains("'area'", boxes.Warnings[0]);
        Assert.Contains("'iscrowd'", boxes.Warnings[1]);
    }

    [Fact]
    public void AnnotationIdZero_ReadsAsNoMatchUnlessAskedOtherwise()
    {
        string withZero = SmallCase.Annotations.Replace("{\"id\": 5, \"image_id\"", "{\"id\": 0, \"image_id\"");

        EvaluationResult quirk = Evaluate(withZero, SmallCase.Results, EvaluationTask.Box);
        EvaluationResult mended = CocoEvaluator.Evaluate(
            SmallCase.Dataset(withZero), SmallCase.LoadDetections(),
            new EvaluationSettings { FixAnnotationIdZero = true });

        Assert.Equal(0, quirk.Categories[1].Metrics.AP);
        Assert.Contains("id 0 (image 2", Assert.Single(quirk.Warnings));
        Assert.Equal(BoxStatistics, mended.Metrics.ToList().Select(m => m.Value));
        Assert.Empty(mended.Warnings);
    }

    [Fact]
    public void DuplicateAnnotationIds_AllMeanTheLast()
    {
        string twice = SmallCase.Annotations.Replace(
            "{\"id\": 1, \"image_id\": 1, \"cat", "{\"id\": 2, \"image_id\": 1, \"cat");
        string written = SmallCase.Annotations
            .Replace("[10, 10, 20, 20], \"area\": 400", "[40, 10, 50, 60], \"area\": 3000");

        EvaluationResult byId = Evaluate(twice, SmallCase.Results, EvaluationTask.Box);
        EvaluationResult expected = Evaluate(written, SmallCase.Results, EvaluationTask.Box);

        Assert.Equal(expected.Metrics, byId.Metrics);
        Assert.True(expected.Arrays.Precision.SequenceEqual(byId.Arrays.Precision));
    }

    [Fact]
    public void ResultsOfUnknownImages_AreRefusedWithTheirIds()
    {
        string foreign = SmallCase.Results.Replace("\"image_id\": 2", "\"image_id\": 77");

        var e = Assert.Throws<CocoFormatException>(() => Evaluate(SmallCase.Annotations, foreign, EvaluationTask.Box));

        Assert.Contains("77", e.Message);
    }

    [Theory]
    [InlineData("\"bbox\": [10, 10, 20, 20], ", EvaluationTask.Box, "Annotation 1 (image 1) has no 'bbox'")]
    [InlineData(", \"segmentation\": [[10, 10, 30, 10, 30, 30, 10, 30]]", EvaluationTask.Mask, "Annotation 1 (image " +
        "1) has no 'segmentation'")]
    public void AnnotationsWithoutWhatIsCompared_AreNamed(string removed, EvaluationTask task, string expected)
    {
        string lacking = SmallCase.Annotations.Replace(removed, "");

        var e = Assert.Throws<CocoFormatException>(() => Evaluate(lacking, SmallCase.Results, task));

        Assert.Contains(expected, e.Message);
    }

    [Fact]
    public void MaskThatOverrunsItsSize_IsNamed()
    {
        string damaged = SmallCase.Results.Replace(
            "\"size\": [80, 80], \"counts\": \"dn3", "\"size\": [20, 80], \"counts\": \"dn3");

        var e = Assert.Throws<CocoFormatException>(() => Evaluate(SmallCase.Annotations, damaged, EvaluationTask.Mask));

        Assert.Contains("Detection 7 of the results (image 2)", e.Message);
        Assert.Contains("20x80", e.Message);
    }

    [Fact]
    public void MaskWithTooFewRuns_IsPaddedWithAWarning()
    {
        string lacking = SmallCase.Results.Replace("aV9\"", "\"");

        EvaluationResult result = Evaluate(SmallCase.Annotations, lacking, EvaluationTask.Mask);

        Assert.Equal(MaskStatistics, result.Metrics.ToList().Select(m => m.Value));
        Assert.Contains("1 masks have runs for fewer pixels", Assert.Single(result.Warnings));
    }

    [Fact]
    public void NoDetections_GiveZeros()
    {
        EvaluationResult result = Evaluate(SmallCase.Annotations, "[]", EvaluationTask.Mask);

        Assert.Equal(0, result.Metrics.AP);
        Assert.Equal(-1, result.Metrics.APl);
    }

    [Fact]
    public void TestSetsWithoutAnnotations_CannotBeEvaluated()
    {
        CocoDataset dataset = SmallCase.Dataset(
            """{"images": [{"id": 1}, {"id": 2}], "categories": [{"id": 1, "name": "a"}]}""");

        var e = Assert.Throws<CocoFormatException>(() => CocoEvaluator.Evaluate(dataset, SmallCase.LoadDetections()));

        Assert.Contains("no 'annotations'", e.Message);
    }

    [Fact]
    public void ImpossibleSettings_AreNamed()
    {
        EvaluationSettings[] impossible =
        [
            new() { IouThresholds = [] },
            new() { IouThresholds = [1.5] },
            new() { RecallThresholds = [0.5, 0.1] },
            new() { MaxDetections = [0] },
            new() { AreaRanges = [] },
            new() { MaxThreads = 0 },
        ];

        Assert.All(impossible, settings => Assert.Throws<ArgumentException>(settings.Validate));
    }

    private static EvaluationResult Evaluate(string annotations, string results, EvaluationTask task) =>
        CocoEvaluator.Evaluate(
            SmallCase.Dataset(annotations),
            SmallCase.Detections(results),
            new EvaluationSettings { Task = task, MaxThreads = 1 });
}
