namespace Dense.Detection.Boxes;

/// <summary>
/// Non-maximum suppression within each class (M-73): boxes are visited by descending score, equal scores by lower
/// index; one goes when its IoU with a box of the same class that stays is above the threshold.
/// </summary>
/// <remarks>
/// IoU = I / (A₁ + A₂ − I) in float32, without a pixel added to the sides. Two equal boxes without area have 0/0, which
/// suppresses nothing. Classes never touch, whatever the coordinates (KF-7); <see cref="KeepShifted"/> is the way of
/// the reference.
/// </remarks>
public static class ClassNms
{
    // The reference shifts up to this many coordinates, and treats class by class beyond (M-74).
    private const int MostShiftedOnCpu = 4000, MostShiftedOnCuda = 20000;

    /// <summary>The boxes that stay.</summary>
    /// <param name="boxes">n×4: x1, y1, x2, y2.</param>
    /// <param name="scores">n.</param>
    /// <param name="classes">n numbers ≥ 0.</param>
    /// <param name="iouThreshold">≥ 0; above it the lower score goes.</param>
    /// <returns>Indices, by descending score.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static int[] Keep(
        ReadOnlySpan<float> boxes, ReadOnlySpan<float> scores, ReadOnlySpan<int> classes, double iouThreshold)
    {
        int[] order = Order(boxes, scores, classes), classOf = classes.ToArray();
        bool[] stays = new bool[order.Length];
        var kept = new KeptBoxes(order.Length, iouThreshold);
        int previous = -1;
        foreach (int i in order.OrderBy(i => classOf[i])) // Stable: by score within a class.
        {
            if (classOf[i] != previous)
                kept.Clear();
            previous = classOf[i];
            stays[i] = kept.TryAdd(boxes.Slice(4 * i, 4));
        }

        return [.. order.Where(i => stays[i])];
    }

    /// <summary>
    /// The reference's way for at most 1000 boxes, 5000 on CUDA (M-74): each class is moved by class · (largest
    /// coordinate + 1) and all boxes compete at once. Boxes with negative coordinates reach into the class before
    /// theirs. More boxes are treated as in <see cref="Keep"/>.
    /// </summary>
    /// <param name="boxes">n×4: x1, y1, x2, y2.</param>
    /// <param name="scores">n.</param>
    /// <param name="classes">n numbers ≥ 0.</param>
    /// <param name="iouThreshold">≥ 0; above it the lower score goes.</param>
    /// <param name="onCuda">Whether the reference would compute on CUDA.</param>
    /// <returns>Indices, by descending score.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static int[] KeepShifted(
        ReadOnlySpan<float> boxes,
        ReadOnlySpan<float> scores,
        ReadOnlySpan<int> classes,
        double iouThreshold,
        bool onCuda = false)
    {
        if (boxes.IsEmpty || boxes.Length > (onCuda ? MostShiftedOnCuda : MostShiftedOnCpu))
            return Keep(boxes, scores, classes, iouThreshold);

        float largest = float.NegativeInfinity;
        foreach (float coordinate in boxes)
            largest = MathF.Max(largest, coordinate);

        float[] shifted = new float[boxes.Length];
        for (int i = 0; i < shifted.Length; i++)
            shifted[i] = boxes[i] + classes[i / 4] * (largest + 1);
        return Keep(shifted, scores, new int[classes.Length], iouThreshold);
    }

    private static int[] Order(ReadOnlySpan<float> boxes, ReadOnlySpan<float> scores, ReadOnlySpan<int> classes)
    {
        if (boxes.Length != 4 * scores.Length || classes.Length != scores.Length)
        {
            throw new ArgumentException(
                $"{boxes.Length} coordinates, {scores.Length} scores and {classes.Length} classes do not belong to the "
                + "same boxes: each box has four coordinates, a score and a class.", nameof(boxes));
        }

        int[] order = new int[scores.Length];
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        float[] keys = scores.ToArray();
        Array.Sort(order, (a, b) => keys[a] != keys[b] ? keys[b].CompareTo(keys[a]) : a.CompareTo(b));
        return order;
    }
}
