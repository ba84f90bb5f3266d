using System.Numerics;

namespace Dense.Coco.Evaluation;

/// <summary>Turns the matches of one class into precision and recall (E-133). One instance for each thread.</summary>
/// <remarks>
/// Recall changes only where a detection is right, and precision is largest there: nothing is computed elsewhere. The
/// n-th right detection has recall n / positives, so that each recall threshold needs a fixed number of right ones.
/// </remarks>
internal sealed class Accumulator
{
    // numpy.spacing(1): keeps COCOeval's precision of no detections at all from being 0 / 0.
    private const double SmallestStep = 2.220446049250313e-16;

    private readonly EvaluationPlan _plan;
    private readonly EvaluationSettings _settings;
    private readonly GroundTruthTable _groundTruth;
    private readonly MatchTable _table;
    private readonly EvaluationArrays _arrays;
    private readonly int[] _limits;
    private readonly int[] _needed;
    private readonly int[] _right;
    private readonly int[] _ignored;
    private readonly double[] _precisionBlock;
    private readonly double[] _scoreBlock;
    private double[] _precision = [];
    private double[] _score = [];

    public Accumulator(
        EvaluationPlan plan, EvaluationSettings settings, GroundTruthTable groundTruth, MatchTable table,
        EvaluationArrays arrays)
    {
        (_plan, _settings, _groundTruth, _table, _arrays) = (plan, settings, groundTruth, table, arrays);
        _limits = [.. settings.MaxDetections.Order()];
        _needed = new int[settings.RecallThresholds.Count];
        _right = new int[settings.IouThresholds.Count];
        _ignored = new int[settings.IouThresholds.Count];
        _precisionBlock = new double[arrays.IouCount * arrays.RecallCount * arrays.AreaCount * arrays.LimitCount];
        _scoreBlock = new double[_precisionBlock.Length];
    }

    /// <summary>Fills the arrays of one class.</summary>
    public void Accumulate(int category)
    {
        ReadOnlySpan<int> slots = _plan.SlotsByScore.AsSpan(
            _plan.SlotsByScoreStart[category].._plan.SlotsByScoreStart[category + 1]);
        int largestRank = -1;
        foreach (int slot in slots)
            largestRank = Math.Max(largestRank, _plan.Rank[slot]);

        _precisionBlock.AsSpan().Fill(-1);
        _scoreBlock.AsSpan().Fill(-1);
        for (int area = 0; area < _settings.AreaRanges.Count; area++)
        {
            int positives = Positives(category, _settings.AreaRanges[area]);
            if (positives == 0)
                continue;

            PrepareFor(positives);
            for (int limit = 0; limit < _limits.Length; limit++)
            {
                // With no more detections in any image than the limit before, nothing changes.
                if (limit == 0 || largestRank >= _limits[limit - 1])
                    Walk(slots, area, _limits[limit]);

                Store(category, area, limit, positives, slots);
            }
        }

        _arrays.StoreCategory(category, _precisionBlock, _scoreBlock);
    }

    private int Positives(int category, AreaRange range)
    {
        int positives = 0;
        for (int g = _plan.GroundTruthStart[category]; g < _plan.GroundTruthStart[category + 1]; g++)
            positives += !_groundTruth.IsCrowd[g] && range.Contains(_groundTruth.Area[g]) ? 1 : 0;

        return positives;
    }

    // How many right detections each recall threshold needs: the smallest n with n / positives ≥ threshold.
    private void PrepareFor(int positives)
    {
        for (int r = 0; r < _needed.Length; r++)
        {
            double threshold = _settings.RecallThresholds[r];
            int needed = (int)Math.Clamp(Math.Ceiling(threshold * positives), 0, positives + 1);
            while (needed > 0 && (needed - 1) / (double)positives >= threshold)
                needed--;
            while (needed <= positives && needed / (double)positives < threshold)
                needed++;

            _needed[r] = needed;
        }

        int room = positives * _settings.IouThresholds.Count;
        if (_precision.Length < room)
            (_precision, _score) = (new double[room], new double[room]);
    }

    // Fills, for each threshold, precision and score at each right detection.
    private void Walk(ReadOnlySpan<int> slots, int area, int limit)
    {
        Array.Clear(_right);
        Array.Clear(_ignored);
        ReadOnlySpan<ulong> rights = _table.Right(area), ignoreds = _table.Ignored(area);
        int stride = _precision.Length / _right.Length;
        ulong all = ulong.MaxValue >> (64 - _right.Length);
        int counted = 0;
        foreach (int slot in slots)
        {
            ulong ignored = ignoreds[slot];
            if (ignored == all || _plan.Rank[slot] >= limit)
                continue;

            counted++;
            for (; ignored != 0; ignored &= ignored - 1)
                _ignored[BitOperations.TrailingZeroCount(ignored)]++;

            ulong right = rights[slot];
            if (right == 0)
                continue;

            double score = _plan.ScoreOfSlot(slot);
            for (; right != 0; right &= right - 1)
            {
                int t = BitOperations.TrailingZeroCount(right);
                int place = t * stride + _right[t]++;
                _precision[place] = _right[t] / ((double)(counted - _ignored[t]) + SmallestStep);
                _score[place] = score;
            }
        }

        for (int t = 0; t < _right.Length; t++)
            MakeNonIncreasing(_precision.AsSpan(t * stride, _right[t]));
    }

    private static void MakeNonIncreasing(Span<double> precision)
    {
        for (int i = precision.Length - 1; i > 0; i--)
            precision[i - 1] = Math.Max(precision[i - 1], precision[i]);
    }

    private void Store(int category, int area, int limit, int positives, ReadOnlySpan<int> slots)
    {
        int stride = _precision.Length / _right.Length;
        int perPoint = _arrays.AreaCount * _arrays.LimitCount;
        double bestScore = slots.IsEmpty ? 0 : _plan.ScoreOfSlot(slots[0]);
        for (int t = 0; t < _right.Length; t++)
        {
            _arrays.SetRecall(t, category, area, limit, _right[t] / (double)positives);
            ReadOnlySpan<double> precision = _precision.AsSpan(t * stride, _right[t]);
            ReadOnlySpan<double> score = _score.AsSpan(t * stride, _right[t]);
            int place = t * _needed.Length * perPoint + area * _arrays.LimitCount + limit;
            foreach (int needed in _needed)
            {
                // A recall of 0 is reached by the first detection, right or wrong.
                bool isReached = needed <= precision.Length;
                int at = Math.Max(0, needed - 1);
                _precisionBlock[place] = isReached && at < precision.Length ? precision[at] : 0;
                _scoreBlock[place] = !isReached ? 0 : needed == 0 ? bestScore : score[at];
                place += perPoint;
            }
        }
    }
}
