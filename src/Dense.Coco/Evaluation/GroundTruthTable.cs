using Dense.Coco.Annotations;

namespace Dense.Coco.Evaluation;

/// <summary>What matching needs to know of the annotations, by ground-truth slot.</summary>
internal sealed class GroundTruthTable
{
    public GroundTruthTable(EvaluationPlan plan, EvaluationSettings settings)
    {
        RecordStore<AnnotationList.Row> annotations = plan.Dataset.Annotations.Records;
        int count = plan.GroundTruth.Length;
        Area = new double[count];
        IsCrowd = new bool[count];
        ReadsAsUnmatched = new bool[count];
        for (int slot = 0; slot < count; slot++)
        {
            ref readonly AnnotationList.Row row = ref annotations[plan.GroundTruth[slot]];
            Area[slot] = row.Area;
            IsCrowd[slot] = row.IsCrowd;
            ReadsAsUnmatched[slot] = row.Id == 0 && !settings.FixAnnotationIdZero;
            MissingAreas += double.IsNaN(row.Area) ? 1 : 0;
            if (settings.Task == EvaluationTask.Box)
                FillFromBox(slot, row);
            else if (annotations.SegmentationAt(plan.GroundTruth[slot]).Kind == SegmentationKind.None)
                throw Missing(row, "segmentation", "masks");
        }
    }

    /// <summary>
    /// The areas that the file gives; absent ones are filled in, those of masks when the mask is read.
    /// </summary>
    public double[] Area { get; }

    /// <summary>Whether the annotation is a crowd region.</summary>
    public bool[] IsCrowd { get; }

    /// <summary>Annotation id 0: a detection matched to it stays unmatched, as in COCOeval (E-132, E-201).</summary>
    public bool[] ReadsAsUnmatched { get; }

    /// <summary>How many annotations have no area.</summary>
    public int MissingAreas { get; }

    private void FillFromBox(int slot, in AnnotationList.Row row)
    {
        if (double.IsNaN(row.Box.X))
            throw Missing(row, "bbox", "boxes");

        if (double.IsNaN(row.Area))
            Area[slot] = row.Box.Area;
    }

    private static CocoFormatException Missing(in AnnotationList.Row row, string field, string what) => new(
        $"Annotation {row.Id} (image {row.ImageId}) has no '{field}', which comparing {what} needs. Add it or remove " +
        "the annotation.");
}
