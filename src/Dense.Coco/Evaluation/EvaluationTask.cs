namespace Dense.Coco.Evaluation;

/// <summary>What is compared. Keypoints are not supported.</summary>
public enum EvaluationTask
{
    /// <summary>Boxes: the task "bbox".</summary>
    Box,

    /// <summary>Masks: the task "segm".</summary>
    Mask,
}
