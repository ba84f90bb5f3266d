namespace Dense.Coco.Evaluation;

/// <summary>
/// The mean as numpy computes it, to the last bit: buffers are added up one after another, within a buffer the sums of
/// halves, and within a block eight running sums.
/// </summary>
internal static class PairwiseMean
{
    private const int Buffer = 8192;
    private const int Block = 128;
    private const int Lanes = 8;

    /// <summary>The mean; −1 of nothing, COCOeval's word for "undefined".</summary>
    public static double Of(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty)
            return -1;

        double sum = 0;
        for (int start = 0; start < values.Length; start += Buffer)
            sum += Sum(values[start..Math.Min(start + Buffer, values.Length)]);

        return sum / values.Length;
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        if (values.Length < Lanes)
        {
            double sum = 0;
            foreach (double value in values)
                sum += value;

            return sum;
        }

        if (values.Length <= Block)
            return SumOfBlock(values);

        int half = values.Length / 2;
        half -= half % Lanes;
        return Sum(values[..half]) + Sum(values[half..]);
    }

    private static double SumOfBlock(ReadOnlySpan<double> values)
    {
        Span<double> lanes = stackalloc double[Lanes];
        values[..Lanes].CopyTo(lanes);
        int i = Lanes;
        for (; i < values.Length - values.Length % Lanes; i += Lanes)
        {
            for (int lane = 0; lane < Lanes; lane++)
                lanes[lane] += values[i + lane];
        }

        double sum = lanes[0] + lanes[1] + (lanes[2] + lanes[3]) + (lanes[4] + lanes[5] + (lanes[6] + lanes[7]));
        for (; i < values.Length; i++)
            sum += values[i];

        return sum;
    }
}
