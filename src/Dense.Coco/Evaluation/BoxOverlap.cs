using Dense.Coco.Annotations;
using Dense.Coco.Masks;
using Dense.Coco.Results;

namespace Dense.Coco.Evaluation;

/// <summary>Overlaps of boxes (E-140).</summary>
internal sealed class BoxOverlap(EvaluationPlan plan, GroundTruthTable groundTruth) : IOverlapSource
{
    private readonly MaskReader _masks = new();
    private readonly RunBuffer _ends = new();
    private BoxXywh[] _boxes = new BoxXywh[128];

    /// <inheritdoc/>
    public OverlapCounts Counts => new(_masks.SkippedPolygons, _masks.ShortMasks, 0, 0);

    /// <inheritdoc/>
    public void Fill(in Group group, GroupOverlap output)
    {
        output.Reset(group.DetectionCount, group.GroundTruthCount);
        if (_boxes.Length < group.GroundTruthCount)
            _boxes = new BoxXywh[2 * group.GroundTruthCount];

        for (int g = 0; g < group.GroundTruthCount; g++)
            _boxes[g] = plan.Dataset.Annotations.Records[plan.GroundTruth[group.GroundTruthStart + g]].Box;

        ReadOnlySpan<bool> crowds = groundTruth.IsCrowd.AsSpan(group.GroundTruthStart, group.GroundTruthCount);
        for (int d = 0; d < group.DetectionCount; d++)
        {
            BoxXywh box = DetectionBox(plan.Detection[group.DetectionStart + d], out output.DetectionArea[d]);
            Span<double> ious = output.Iou(d);
            for (int g = 0; g < ious.Length; g++)
                ious[g] = BoxXywh.Iou(box, _boxes[g], crowds[g]);
        }
    }

    // A record without box has its mask's tight box and area, as loadRes gives it.
    private BoxXywh DetectionBox(int index, out double area)
    {
        ref readonly DetectionList.Row row = ref plan.Detections.Records[index];
        area = row.Box.Area;
        return double.IsNaN(row.Box.X) ? BoxOfMask(index, out area) : row.Box;
    }

    private BoxXywh BoxOfMask(int index, out double area)
    {
        Detection detection = plan.Detections[index];
        CocoImage? image = plan.Images[Array.BinarySearch(plan.ImageIds, detection.ImageId)];
        _ends.Truncate(0);
        try
        {
            MaskSize size = _masks.Read(detection.Segmentation, image?.Height ?? 0, image?.Width ?? 0, _ends);
            area = Runs.Area(_ends.Span);
            return Runs.TightBox(_ends.Span, size.Height).ToBox();
        }
        catch (CocoFormatException e)
        {
            throw new CocoFormatException(
                $"Detection {index} of the results (image {detection.ImageId}) has no 'bbox', and its mask gives " +
                $"none: {e.Message}", e);
        }
    }
}
