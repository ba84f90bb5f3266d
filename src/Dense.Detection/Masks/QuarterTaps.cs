namespace Dense.Detection.Masks;

/// <summary>
/// Where one axis of a quarter-size mask takes its samples (M-98): target index d reads the neighbours s and s + 1 with
/// weights in units of 1/2048.
/// </summary>
internal sealed class QuarterTaps
{
    private const int WeightUnit = 2048;

    private readonly int[] _targetOf;
    private readonly int[] _before;

    /// <summary>Lays out the samples of an axis.</summary>
    /// <param name="length">Pixels of the full-size mask along the axis.</param>
    public QuarterTaps(int length)
    {
        Count = Length(length);
        FirstWeight = new int[Count];
        SecondWeight = new int[Count];
        _targetOf = new int[length];
        _before = new int[length + 1];
        Array.Fill(_targetOf, -1);

        int[] first = Place(length);
        for (int position = 0, target = 0; position <= length; position++)
        {
            _before[position] = target;
            if (target < Count && first[target] == position)
                target++;
        }
    }

    /// <summary>Samples along the axis, ⌊n/4 + 0.5⌋.</summary>
    public int Count { get; }

    /// <summary>Weight of the neighbour s, per target index.</summary>
    public int[] FirstWeight { get; }

    /// <summary>Weight of the neighbour s + 1, per target index.</summary>
    public int[] SecondWeight { get; }

    /// <summary>Samples of an axis of <paramref name="length"/> pixels (M-97).</summary>
    public static int Length(int length) => (int)(length * 0.25 + 0.5);

    /// <summary>Which sample reads a pixel, and whether as its second neighbour; target −1 when none does.</summary>
    public (int Target, bool IsSecond) At(int position)
    {
        int code = _targetOf[position];
        return code < 0 ? (-1, false) : (code >> 1, (code & 1) != 0);
    }

    /// <summary>The samples whose first neighbour lies in [start, end): a range [from, to).</summary>
    public (int From, int To) FirstIn(int start, int end) => (_before[start], _before[end]);

    /// <summary>The samples whose second neighbour lies in [start, end).</summary>
    public (int From, int To) SecondIn(int start, int end) => (_before[Math.Max(start - 1, 0)], _before[end - 1]);

    // The step ρ is at least 2, so that s and s + 1 never leave the axis and no pixel belongs to two samples.
    private int[] Place(int length)
    {
        int[] first = new int[Count];
        double step = 1 / ((double)Count / length);
        for (int target = 0; target < Count; target++)
        {
            float centre = (float)((target + 0.5) * step - 0.5);
            first[target] = (int)MathF.Floor(centre);
            float fraction = centre - first[target];
            FirstWeight[target] = Weight(1 - fraction);
            SecondWeight[target] = Weight(fraction);
            _targetOf[first[target]] = 2 * target;
            _targetOf[first[target] + 1] = 2 * target + 1;
        }

        return first;
    }

    private static int Weight(float fraction) => (int)MathF.Round(fraction * WeightUnit, MidpointRounding.ToEven);
}
