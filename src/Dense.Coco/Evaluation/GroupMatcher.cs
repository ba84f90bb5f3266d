namespace Dense.Coco.Evaluation;

/// <summary>
/// Matches the detections of one class in one image to its annotations (E-132), for all area ranges and thresholds in
/// one sweep over the detections. One instance for each thread.
/// </summary>
/// <remarks>
/// COCOeval walks, for every area range and threshold, all annotations for every detection and keeps the best that is
/// free. The best does not depend on the threshold, only whether it is reached and free does: so the few annotations
/// that a detection overlaps enough are put in order of preference once, and each takes, as a set of bits, those
/// thresholds that it reaches, at which it is free, and that no preferred one has taken.
/// </remarks>
internal sealed class GroupMatcher
{
    // COCOeval demands slightly less than a perfect overlap when the threshold is 1.
    private const double LargestThreshold = 1 - 1e-10;

    private readonly double[] _thresholds;
    private readonly double _lowest;
    private readonly ulong _all;
    private readonly IReadOnlyList<AreaRange> _areaRanges;
    private readonly GroundTruthTable _groundTruth;
    private readonly MatchTable _table;
    private readonly MatchTrace? _trace;

    private Candidate[] _candidates = new Candidate[32];
    private ulong[] _taken = new ulong[256];

    public GroupMatcher(EvaluationSettings settings, GroundTruthTable groundTruth, MatchTable table, MatchTrace? trace)
    {
        (_groundTruth, _table, _trace, _areaRanges) = (groundTruth, table, trace, settings.AreaRanges);
        _thresholds = [.. settings.IouThresholds.Select(t => Math.Min(t, LargestThreshold))];
        _lowest = _thresholds.Min();
        _all = ulong.MaxValue >> (64 - _thresholds.Length);
    }

    /// <summary>The overlap below which a pair cannot match.</summary>
    public static double LowestThreshold(EvaluationSettings settings) =>
        Math.Min(settings.IouThresholds.Min(), LargestThreshold);

    /// <summary>Matches one group.</summary>
    public void Match(in Group group, GroupOverlap overlap)
    {
        int taken = group.GroundTruthCount * _areaRanges.Count;
        if (taken > _taken.Length)
            _taken = new ulong[2 * taken];

        _taken.AsSpan(0, taken).Clear();
        for (int d = 0; d < group.DetectionCount; d++)
        {
            int candidates = FindCandidates(overlap.Iou(d));
            double area = overlap.DetectionArea[d];
            for (int a = 0; a < _areaRanges.Count; a++)
            {
                (ulong right, ulong ignored) = (0, 0);
                ulong unmatched = candidates == 0
                    ? _all
                    : Assign(group, group.DetectionStart + d, a, candidates, out right, out ignored);

                if (!_areaRanges[a].Contains(area))
                    ignored |= unmatched;

                _table.Right(a)[group.DetectionStart + d] = right;
                _table.Ignored(a)[group.DetectionStart + d] = ignored;
            }
        }
    }

    // The annotations that a detection may match, the best first; of equal ones the later.
    private int FindCandidates(ReadOnlySpan<double> ious)
    {
        int count = 0;
        for (int g = 0; g < ious.Length; g++)
        {
            if (!(ious[g] >= _lowest))
                continue;

            if (count == _candidates.Length)
                Array.Resize(ref _candidates, 2 * count);

            int place = count++;
            for (; place > 0 && _candidates[place - 1].Iou <= ious[g]; place--)
                _candidates[place] = _candidates[place - 1];

            _candidates[place] = new Candidate(g, ious[g], Reached(ious[g]));
        }

        return count;
    }

    private ulong Reached(double iou)
    {
        ulong reached = 0;
        for (int t = 0; t < _thresholds.Length; t++)
            reached |= iou >= _thresholds[t] ? 1UL << t : 0;

        return reached;
    }

    // Returns the thresholds at which the detection stays unmatched.
    private ulong Assign(in Group group, int slot, int areaRange, int candidates, out ulong right, out ulong ignored)
    {
        (right, ignored) = (0, 0);
        ulong open = _all, readsAsUnmatched = 0;
        Span<ulong> taken = _taken.AsSpan(areaRange * group.GroundTruthCount, group.GroundTruthCount);

        // An annotation that counts is preferred to any that is ignored, however large the overlap.
        for (int pass = 0; pass < 2 && open != 0; pass++)
        {
            foreach (ref readonly Candidate candidate in _candidates.AsSpan(0, candidates))
            {
                int groundTruth = group.GroundTruthStart + candidate.GroundTruth;
                bool isCrowd = _groundTruth.IsCrowd[groundTruth];
                bool isIgnored = isCrowd || !_areaRanges[areaRange].Contains(_groundTruth.Area[groundTruth]);
                if (isIgnored != (pass == 1))
                    continue;

                ulong takes = candidate.Reached & open & (isCrowd ? _all : ~taken[candidate.GroundTruth]);
                taken[candidate.GroundTruth] |= takes;
                open &= ~takes;
                if (isIgnored)
                    ignored |= takes;

                if (_groundTruth.ReadsAsUnmatched[groundTruth])
                    readsAsUnmatched |= takes;
                else if (!isIgnored)
                    right |= takes;

                if (_trace is not null && takes != 0)
                    _trace(areaRange, slot, groundTruth, takes);
            }
        }

        return open | readsAsUnmatched;
    }

    private readonly record struct Candidate(int GroundTruth, double Iou, ulong Reached);
}
