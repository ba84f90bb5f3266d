namespace Dense.Coco.Evaluation;

/// <summary>What is known of one group before matching. Memory is reused from group to group.</summary>
internal sealed class GroupOverlap
{
    private double[] _iou = new double[1024];
    private double[] _detectionArea = new double[128];

    /// <summary>Number of annotations.</summary>
    public int GroundTruthCount { get; private set; }

    /// <summary>Areas of the detections.</summary>
    public Span<double> DetectionArea => _detectionArea;

    /// <summary>The overlaps of a detection with each annotation of the group.</summary>
    public Span<double> Iou(int detection) => _iou.AsSpan(detection * GroundTruthCount, GroundTruthCount);

    /// <summary>Makes room for a group; all overlaps are 0 then.</summary>
    public void Reset(int detections, int groundTruths)
    {
        GroundTruthCount = groundTruths;
        if (detections > _detectionArea.Length)
            _detectionArea = new double[Math.Max(detections, 2 * _detectionArea.Length)];

        int pairs = checked(detections * groundTruths);
        if (pairs > _iou.Length)
            _iou = new double[Math.Max(pairs, 2 * _iou.Length)];
        else
            _iou.AsSpan(0, pairs).Clear();
    }
}
