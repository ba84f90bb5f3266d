namespace Dense.Imaging;

/// <summary>
/// The taps of one axis of Pillow's anti-aliased bilinear resampling (P-86): for each output position the first input
/// position and integer weights that sum to about 2²². The arrays are reused between images.
/// </summary>
internal sealed class AxisWeights
{
    /// <summary>Weights are multiples of 2⁻²².</summary>
    public const int PrecisionBits = 22;

    private int[] _first = [];
    private int[] _weights = [];
    private double[] _exact = [];

    /// <summary>Output positions.</summary>
    public int Count { get; private set; }

    /// <summary>Weights stored for each output position; unused ones at the end are 0.</summary>
    public int Taps { get; private set; }

    /// <summary>The input position of each output position's first weight.</summary>
    public ReadOnlySpan<int> First => _first.AsSpan(0, Count);

    /// <summary>The weights, Count × Taps.</summary>
    public ReadOnlySpan<int> Weights => _weights.AsSpan(0, Count * Taps);

    /// <summary>Computes the taps.</summary>
    /// <param name="inSize">Positions that taps may touch: 0 … inSize − 1.</param>
    /// <param name="boxStart">Start of the resampled range, in input pixels.</param>
    /// <param name="boxEnd">End of the resampled range.</param>
    /// <param name="outSize">Positions that the range is resampled to.</param>
    /// <param name="windowStart">The first of them that is wanted.</param>
    /// <param name="windowCount">How many are wanted.</param>
    public void Compute(int inSize, float boxStart, float boxEnd, int outSize, int windowStart, int windowCount)
    {
        double scale = (double)(boxEnd - boxStart) / outSize;
        double support = Math.Max(scale, 1);
        double inverse = 1 / support;
        Reserve(windowCount, ((int)Math.Ceiling(support) * 2) + 1);

        int most = 1;
        for (int i = 0; i < windowCount; i++)
        {
            double center = boxStart + ((windowStart + i + 0.5) * scale);
            int low = Math.Max((int)(center - support + 0.5), 0);
            int high = Math.Min((int)(center + support + 0.5), inSize);
            Span<int> weights = _weights.AsSpan(i * Taps, Taps);
            most = Math.Max(most, Fill(weights, _exact, low, high, center, inverse));
            _first[i] = low;
        }

        Narrow(most);
    }

    private void Reserve(int count, int taps)
    {
        Count = count;
        Taps = taps;
        if (_first.Length < count)
            _first = new int[count];
        if (_weights.Length < (long)count * taps)
            _weights = new int[count * taps];
        if (_exact.Length < taps)
            _exact = new double[taps];
    }

    // Returns how many weights there are up to the last that is not 0.
    private static int Fill(Span<int> weights, double[] exact, int low, int high, double center, double inverse)
    {
        double sum = 0;
        for (int x = low; x < high; x++)
        {
            double distance = Math.Abs((x - center + 0.5) * inverse);
            double w = distance < 1 ? 1 - distance : 0;
            exact[x - low] = w;
            sum += w;
        }

        weights.Clear();
        int used = 0;
        for (int i = 0; i < high - low; i++)
        {
            double w = sum == 0 ? exact[i] : exact[i] / sum;
            weights[i] = (int)(0.5 + (w * (1 << PrecisionBits)));
            if (weights[i] != 0)
                used = i + 1;
        }

        return used;
    }

    // Brings the rows of weights closer together: fewer taps for the passes to walk through.
    private void Narrow(int taps)
    {
        for (int i = 1; i < Count && taps < Taps; i++)
            _weights.AsSpan(i * Taps, taps).CopyTo(_weights.AsSpan(i * taps, taps));
        Taps = taps;
    }
}
