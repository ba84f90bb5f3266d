using Dense.Coco.Annotations;
using Dense.Coco.Errors;
using Dense.Coco.Evaluation;
using Dense.Coco.Results;

namespace Dense.Coco.Tests.Errors;

public class ErrorAnalysisTests
{
    // Two classes in one image: objects 1 and 2 of class 1, object 3 of class 2, each 10 by 10.
    private static readonly (long Category, double X)[] Objects = [(1, 0), (1, 100), (2, 200)];

    [Theory]
    [InlineData(1, 0, null)]
    [InlineData(2, 0, ErrorKind.Classification)]
    [InlineData(1, 6, ErrorKind.Localisation)]
    [InlineData(2, 6, ErrorKind.Both)]
    [InlineData(1, 50, ErrorKind.Background)]
    public void Detection_GetsTheKindOfItsOverlap(long category, double x, ErrorKind? expected)
    {
        ErrorBreakdown breakdown = Analyse((category, x, 0.9));

        Assert.Equal(expected, breakdown.Errors.SingleOrDefault(e => e.Detection == 0)?.Kind);
        Assert.Equal(expected is null ? 1 : 0, breakdown.RightDetections.Count);
    }

    [Fact]
    public void SecondDetectionOfAnObject_IsADuplicate()
    {
        ErrorBreakdown breakdown = Analyse((1, 0, 0.8), (1, 1, 0.9));

        DetectionError error = Assert.Single(breakdown.Errors, e => e.Detection >= 0);
        Assert.Equal((ErrorKind.Duplicate, 0, 0), (error.Kind, error.Detection, error.Annotation));
        Assert.Equal([1], breakdown.RightDetections);
    }

    [Fact]
    public void ObjectsNearlyFound_AreNotMissed()
    {
        ErrorBreakdown breakdown = Analyse((2, 0, 0.9), (1, 106, 0.9));

        DetectionError missed = Assert.Single(breakdown.Errors, e => e.Kind == ErrorKind.Missed);
        Assert.Equal(2, missed.Annotation);
    }

    [Fact]
    public void Gain_IsWhatPuttingRightWouldBring()
    {
        // Class 1: one of two objects found, below a wrong detection; class 2: nothing.
        ErrorBreakdown breakdown = Analyse((1, 50, 0.9), (1, 0, 0.8), (1, 200, 0.7));
        double found = 51.0 / 101;

        Assert.Equal(found / 2 / 2, breakdown.Ap50, 1e-12);
        Assert.Equal(found / 2 / 2, Gain(ErrorKind.Background), 1e-12);
        Assert.Equal(0.5, Gain(ErrorKind.Classification), 1e-12);
        Assert.Equal(0, Gain(ErrorKind.Duplicate), 1e-12);
        Assert.Equal(0.5 / 2 - found / 4, Gain(ErrorKind.Missed), 1e-12);

        double Gain(ErrorKind kind) => breakdown.Summaries.Single(s => s.Kind == kind).ApGain;
    }

    [Fact]
    public void MasksAndBoxes_GiveTheSmallCasesErrors()
    {
        foreach (EvaluationTask task in Enum.GetValues<EvaluationTask>())
        {
            ErrorBreakdown breakdown = ErrorAnalysis.Analyse(
                SmallCase.LoadDataset(), SmallCase.LoadDetections(), new EvaluationSettings { Task = task });

            Assert.Equal(4, breakdown.RightDetections.Count);
            Assert.Equal(breakdown.Errors.Count, breakdown.Summaries.Sum(s => s.Count));
            Assert.Contains(breakdown.Errors, e => e.Kind == ErrorKind.Duplicate);
            Assert.Equal(breakdown.Ap50, CocoEvaluator.Evaluate(
                SmallCase.LoadDataset(), SmallCase.LoadDetections(),
                new EvaluationSettings { Task = task }).Metrics.AP50, 1e-12);
        }
    }

    private static ErrorBreakdown Analyse(params (long Category, double X, double Score)[] detections)
    {
        var dataset = new CocoDataset();
        dataset.Images.Add(new CocoImage(1, "a.jpg", 300, 20));
        dataset.Categories.AddRange([new CocoCategory(1, "a"), new CocoCategory(2, "b")]);
        foreach (var (category, x) in Objects)
        {
            dataset.Annotations.Add(new CocoAnnotation(
                dataset.Annotations.Count + 1, 1, category, new BoxXywh(x, 0, 10, 10), 100, false, default));
        }

        var list = new DetectionList();
        foreach (var (category, x, score) in detections)
            list.Add(new Detection(1, category, score, new BoxXywh(x, 0, 10, 10)));

        return ErrorAnalysis.Analyse(dataset, list, new EvaluationSettings());
    }
}
