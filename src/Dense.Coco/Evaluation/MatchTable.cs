namespace Dense.Coco.Evaluation;

/// <summary>
/// The outcome of matching: for each area range and detection slot one bit for each IoU threshold. A detection is right
/// where <see cref="Right"/> is set, not counted where <see cref="Ignored"/> is set, and wrong elsewhere.
/// </summary>
internal sealed class MatchTable(int slots, int areaRanges)
{
    private readonly ulong[] _right = new ulong[slots * areaRanges];
    private readonly ulong[] _ignored = new ulong[slots * areaRanges];

    /// <summary>Thresholds at which the detections are right, by slot.</summary>
    public Span<ulong> Right(int areaRange) => _right.AsSpan(areaRange * slots, slots);

    /// <summary>Thresholds at which the detections do not count, by slot.</summary>
    public Span<ulong> Ignored(int areaRange) => _ignored.AsSpan(areaRange * slots, slots);
}
