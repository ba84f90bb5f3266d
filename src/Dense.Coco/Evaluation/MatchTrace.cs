namespace Dense.Coco.Evaluation;

/// <summary>Receives who was matched with whom; for tests and for the pictures of the report.</summary>
/// <param name="areaRange">Index of the area range.</param>
/// <param name="detectionSlot">The detection.</param>
/// <param name="groundTruthSlot">The annotation.</param>
/// <param name="thresholds">One bit for each IoU threshold at which they were matched.</param>
internal delegate void MatchTrace(int areaRange, int detectionSlot, int groundTruthSlot, ulong thresholds);
