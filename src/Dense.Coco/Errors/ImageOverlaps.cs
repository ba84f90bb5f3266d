using Dense.Coco.Annotations;
using Dense.Coco.Evaluation;
using Dense.Coco.Masks;

namespace Dense.Coco.Errors;

/// <summary>Overlaps of detections with the objects of one image, whatever their class.</summary>
internal sealed class ImageOverlaps(EvaluationPlan plan, EvaluationTask task)
{
    private CocoImage? _image;
    private BoxXywh[] _boxes = [];
    private RunLengthMask[] _masks = [];
    private double[] _ious = [];

    /// <summary>Turns to an image.</summary>
    /// <param name="groundTruthSlots">Its objects.</param>
    /// <param name="image">Its index in the plan.</param>
    public void Open(int[] groundTruthSlots, int image)
    {
        _image = plan.Images[image];
        _ious = new double[groundTruthSlots.Length];
        AnnotationList annotations = plan.Dataset.Annotations;
        if (task == EvaluationTask.Box)
            _boxes = [.. groundTruthSlots.Select(g => annotations.Records[plan.GroundTruth[g]].Box)];
        else
            _masks = [.. groundTruthSlots.Select(g => Mask(annotations.Records.SegmentationAt(plan.GroundTruth[g])))];
    }

    /// <summary>The overlaps of one detection with each object; valid until the next call.</summary>
    public ReadOnlySpan<double> Of(int detectionSlot)
    {
        int index = plan.Detection[detectionSlot];
        BoxXywh box = plan.Detections.Records[index].Box;
        Segmentation segmentation = plan.Detections.Records.SegmentationAt(index);
        if (task == EvaluationTask.Box)
        {
            if (double.IsNaN(box.X))
                box = Mask(segmentation).TightBox;

            for (int g = 0; g < _ious.Length; g++)
                _ious[g] = BoxXywh.Iou(box, _boxes[g], isCrowd: false);

            return _ious;
        }

        RunLengthMask mask = segmentation.Kind == SegmentationKind.None
            ? RunLengthMask.FromBox(_image?.Height ?? 0, _image?.Width ?? 0, box)
            : Mask(segmentation);
        for (int g = 0; g < _ious.Length; g++)
            _ious[g] = RunLengthMask.Iou(mask, _masks[g], isCrowd: false);

        return _ious;
    }

    private RunLengthMask Mask(Segmentation segmentation) =>
        segmentation.ToMask(_image?.Height ?? 0, _image?.Width ?? 0);
}
