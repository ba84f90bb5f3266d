namespace Dense.Coco.Evaluation;

/// <summary>Oddities met on the way, which warnings report.</summary>
internal readonly record struct OverlapCounts(
    int SkippedPolygons, int ShortMasks, int BoxesForMasks, int DifferentSizes)
{
    public static OverlapCounts operator +(OverlapCounts a, OverlapCounts b) => new(
        a.SkippedPolygons + b.SkippedPolygons,
        a.ShortMasks + b.ShortMasks,
        a.BoxesForMasks + b.BoxesForMasks,
        a.DifferentSizes + b.DifferentSizes);
}
