using Dense.Coco.Annotations;

namespace Dense.Coco.Evaluation;

/// <summary>Says what in the input has changed the numbers, or made the reference fail.</summary>
internal static class EvaluationWarnings
{
    /// <summary>All warnings of one evaluation.</summary>
    public static IReadOnlyList<string> Collect(
        EvaluationPlan plan, GroundTruthTable groundTruth, OverlapCounts counts, EvaluationSettings settings)
    {
        var warnings = new List<string>();
        if (groundTruth.MissingAreas > 0)
        {
            warnings.Add($"{groundTruth.MissingAreas} annotations have no 'area'; that of the "
                + $"{(settings.Task == EvaluationTask.Box ? "box" : "mask")} is used. pycocotools would stop here.");
        }

        if (plan.Dataset.MissingCrowdFlags > 0)
        {
            warnings.Add($"{plan.Dataset.MissingCrowdFlags} annotations have no 'iscrowd'; 0 is used. "
                + "pycocotools would stop here.");
        }

        if (Array.IndexOf(groundTruth.ReadsAsUnmatched, true) is var zero and >= 0)
        {
            AnnotationList.Row row = plan.Dataset.Annotations.Records[plan.GroundTruth[zero]];
            warnings.Add($"An annotation has id 0 (image {row.ImageId}, category {row.CategoryId}). COCOeval "
                + "reads that id as "
                + "\"no match\", so a detection of it counts as wrong here as there. Number annotations from 1, or " +
                "use --fix-annotation-id-zero.");
        }

        if (counts.SkippedPolygons > 0)
            warnings.Add($"Polygons with fewer than three points were passed over {counts.SkippedPolygons} times.");

        if (counts.ShortMasks > 0)
        {
            warnings.Add($"{counts.ShortMasks} masks have runs for fewer pixels than their size; the rest " +
                "is background.");
        }

        if (counts.BoxesForMasks > 0)
        {
            warnings.Add($"{counts.BoxesForMasks} detections have no mask; their box was compared instead, as " +
                "pycocotools does.");
        }

        if (counts.DifferentSizes > 0)
        {
            warnings.Add($"{counts.DifferentSizes} pairs of masks have different sizes and cannot match. "
                + "Masks must have their image's size, [height, width].");
        }

        return warnings;
    }
}
