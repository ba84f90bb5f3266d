using Dense.Coco.Annotations;
using Dense.Coco.Masks;

namespace Dense.Coco.Evaluation;

/// <summary>Overlaps of masks (E-141), from their runs.</summary>
internal sealed class MaskOverlap(
    EvaluationPlan plan, GroundTruthTable groundTruth, double lowestThreshold) : IOverlapSource
{
    private readonly MaskReader _masks = new();
    private readonly PolygonRasterizer _rasterizer = new();
    private readonly RunBuffer _ends = new();
    private MaskRuns[] _groundTruth = new MaskRuns[128];
    private int _boxesForMasks;
    private int _differentSizes;

    /// <inheritdoc/>
    public OverlapCounts Counts => new(_masks.SkippedPolygons, _masks.ShortMasks, _boxesForMasks, _differentSizes);

    /// <inheritdoc/>
    public void Fill(in Group group, GroupOverlap output)
    {
        output.Reset(group.DetectionCount, group.GroundTruthCount);
        _ends.Truncate(0);
        if (_groundTruth.Length < group.GroundTruthCount)
            _groundTruth = new MaskRuns[2 * group.GroundTruthCount];

        for (int g = 0; g < group.GroundTruthCount; g++)
            ReadGroundTruth(group, g);

        ReadOnlySpan<bool> crowds = groundTruth.IsCrowd.AsSpan(group.GroundTruthStart, group.GroundTruthCount);
        int firstFree = _ends.Count;
        for (int d = 0; d < group.DetectionCount; d++)
        {
            _ends.Truncate(firstFree);
            MaskRuns detection = ReadDetection(
                group, plan.Detection[group.DetectionStart + d], out output.DetectionArea[d]);
            Span<double> ious = output.Iou(d);
            for (int g = 0; g < ious.Length; g++)
                ious[g] = Iou(detection, _groundTruth[g], crowds[g]);
        }
    }

    private double Iou(in MaskRuns detection, in MaskRuns annotated, bool isCrowd)
    {
        long common = detection.TightBox.Overlap(annotated.TightBox);
        if (common == 0)
            return 0;

        if (detection.Size != annotated.Size)
        {
            _differentSizes++;
            return -1;
        }

        // Boxes and areas bound the overlap from above; below every threshold its exact value does not matter.
        long most = Math.Min(common, Math.Min(detection.Area, annotated.Area));
        if (Ratio(most, detection, annotated, isCrowd) < lowestThreshold)
            return 0;

        long shared = Runs.IntersectionArea(Ends(detection), Ends(annotated));
        return shared == 0 ? 0 : Ratio(shared, detection, annotated, isCrowd);
    }

    private static double Ratio(long shared, in MaskRuns detection, in MaskRuns annotated, bool isCrowd) =>
        (double)shared / (isCrowd ? detection.Area : detection.Area + annotated.Area - shared);

    private void ReadGroundTruth(in Group group, int position)
    {
        int slot = group.GroundTruthStart + position;
        bool hasArea = !double.IsNaN(groundTruth.Area[slot]);
        if (group.DetectionCount == 0 && hasArea)
            return;

        int index = plan.GroundTruth[slot];
        try
        {
            _groundTruth[position] = Read(plan.Dataset.Annotations.Records.SegmentationAt(index), group);
        }
        catch (CocoFormatException e)
        {
            AnnotationList.Row row = plan.Dataset.Annotations.Records[index];
            throw new CocoFormatException($"Annotation {row.Id} (image {row.ImageId}): {e.Message}", e);
        }

        if (!hasArea)
            groundTruth.Area[slot] = _groundTruth[position].Area;
    }

    private MaskRuns ReadDetection(in Group group, int index, out double area)
    {
        Segmentation segmentation = plan.Detections.Records.SegmentationAt(index);
        try
        {
            MaskRuns runs = segmentation.Kind == SegmentationKind.None
                ? ReadBox(plan.Detections.Records[index].Box, group)
                : Read(segmentation, group);
            area = segmentation.Kind == SegmentationKind.None ? plan.Detections.Records[index].Box.Area : runs.Area;
            return runs;
        }
        catch (CocoFormatException e)
        {
            throw new CocoFormatException(
                $"Detection {index} of the results (image {plan.ImageIds[group.Image]}): {e.Message}", e);
        }
    }

    private MaskRuns Read(Segmentation segmentation, in Group group)
    {
        (int height, int width) = ImageSize(group);
        int start = _ends.Count;
        return Finish(_masks.Read(segmentation, height, width, _ends), start);
    }

    // What loadRes does with a record that has a box only.
    private MaskRuns ReadBox(in BoxXywh box, in Group group)
    {
        if (double.IsNaN(box.X))
            throw new CocoFormatException("there is neither 'segmentation' nor 'bbox'.");

        _boxesForMasks++;
        (int height, int width) = ImageSize(group);
        int start = _ends.Count;
        var size = MaskSize.Checked(height, width);
        _rasterizer.Rasterize(RunLengthMask.Corners(box), size, _ends);
        return Finish(size, start);
    }

    private MaskRuns Finish(MaskSize size, int start)
    {
        ReadOnlySpan<uint> ends = _ends.Span[start..];
        return new MaskRuns(start, ends.Length, size, Runs.Area(ends), Runs.TightBox(ends, size.Height));
    }

    private (int Height, int Width) ImageSize(in Group group) =>
        plan.Images[group.Image] is { } image ? (image.Height, image.Width) : (0, 0);

    private ReadOnlySpan<uint> Ends(in MaskRuns mask) => _ends.Span.Slice(mask.Start, mask.Length);

    /// <summary>A mask in the buffer, with what is asked of it for every pair.</summary>
    private readonly record struct MaskRuns(int Start, int Length, MaskSize Size, long Area, PixelRectangle TightBox);
}
