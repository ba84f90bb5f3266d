namespace Dense.Coco.Evaluation;

/// <summary>The detections and annotations of one class in one image, as ranges of the plan's orders.</summary>
internal readonly record struct Group(
    int Category, int Image, int DetectionStart, int DetectionCount, int GroundTruthStart, int GroundTruthCount);
