namespace Dense.Coco.Evaluation;

/// <summary>
/// What COCOeval calls precision, scores and recall; −1 where there is no ground truth. Indices: IoU threshold, recall
/// threshold, class in ascending order of id, area range, detection limit in ascending order.
/// </summary>
public sealed class EvaluationArrays
{
    private readonly double[] _precision;
    private readonly double[] _scores;
    private readonly double[] _recall;

    internal EvaluationArrays(EvaluationSettings settings, int categories)
    {
        IouCount = settings.IouThresholds.Count;
        RecallCount = settings.RecallThresholds.Count;
        CategoryCount = categories;
        AreaCount = settings.AreaRanges.Count;
        LimitCount = settings.MaxDetections.Count;
        _precision = new double[IouCount * RecallCount * categories * AreaCount * LimitCount];
        _scores = new double[_precision.Length];
        _recall = new double[IouCount * categories * AreaCount * LimitCount];
        _recall.AsSpan().Fill(-1);
    }

    /// <summary>Number of IoU thresholds, T.</summary>
    public int IouCount { get; }

    /// <summary>Number of recall thresholds, R.</summary>
    public int RecallCount { get; }

    /// <summary>Number of classes, K.</summary>
    public int CategoryCount { get; }

    /// <summary>Number of area ranges, A.</summary>
    public int AreaCount { get; }

    /// <summary>Number of detection limits, M.</summary>
    public int LimitCount { get; }

    /// <summary>All precisions, T×R×K×A×M, the last index fastest.</summary>
    public ReadOnlySpan<double> Precision => _precision;

    /// <summary>The score at which each precision is reached, T×R×K×A×M.</summary>
    public ReadOnlySpan<double> Scores => _scores;

    /// <summary>All largest recalls, T×K×A×M, the last index fastest.</summary>
    public ReadOnlySpan<double> Recall => _recall;

    /// <summary>One precision.</summary>
    public double PrecisionAt(int iou, int recall, int category, int area, int limit) =>
        _precision[(((iou * RecallCount + recall) * CategoryCount + category) * AreaCount + area) * LimitCount + limit];

    /// <summary>One largest recall.</summary>
    public double RecallAt(int iou, int category, int area, int limit) =>
        _recall[((iou * CategoryCount + category) * AreaCount + area) * LimitCount + limit];

    internal void SetRecall(int iou, int category, int area, int limit, double value) =>
        _recall[((iou * CategoryCount + category) * AreaCount + area) * LimitCount + limit] = value;

    // The blocks are T×R×A×M: the values of a class lie far apart, and so they are written in one go.
    internal void StoreCategory(int category, ReadOnlySpan<double> precision, ReadOnlySpan<double> scores)
    {
        int length = AreaCount * LimitCount;
        for (int point = 0; point < IouCount * RecallCount; point++)
        {
            int target = (point * CategoryCount + category) * length;
            precision.Slice(point * length, length).CopyTo(_precision.AsSpan(target));
            scores.Slice(point * length, length).CopyTo(_scores.AsSpan(target));
        }
    }
}
