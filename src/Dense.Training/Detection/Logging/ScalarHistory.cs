namespace Dense.Training.Detection.Logging;

/// <summary>The values that one figure of a run has taken, newest last (E-156).</summary>
public sealed class ScalarHistory
{
    // The oldest half goes when the limit is reached.
    private const int Limit = 1_000_000;

    private readonly List<(double Value, long Iteration)> _entries = [];
    private double _sum;
    private long _count;

    /// <summary>Creates an empty history.</summary>
    /// <param name="smooth">Whether logs show the median of a window instead of the newest value.</param>
    public ScalarHistory(bool smooth) => IsSmooth = smooth;

    /// <summary>Whether logs show the median of a window.</summary>
    public bool IsSmooth { get; }

    /// <summary>The newest value.</summary>
    public double Latest => _entries[^1].Value;

    /// <summary>The iteration of the newest value.</summary>
    public long LatestIteration => _entries[^1].Iteration;

    /// <summary>The mean over all values ever put.</summary>
    public double Mean => _sum / _count;

    /// <summary>Takes in a value.</summary>
    public void Put(double value, long iteration)
    {
        if (_entries.Count == Limit)
            _entries.RemoveRange(0, Limit / 2);

        _entries.Add((value, iteration));
        _sum += value;
        _count++;
    }

    /// <summary>The median over the last iterations (E-157).</summary>
    /// <param name="iterations">The window, counted back from the iteration of the newest value.</param>
    public double WindowMedian(int iterations) => Median(CountIn(iterations));

    /// <summary>The mean over the same window.</summary>
    public double WindowMean(int iterations)
    {
        int count = CountIn(iterations);
        return _entries.Skip(_entries.Count - count).Average(e => e.Value);
    }

    /// <summary>The median of the newest values, at most <paramref name="count"/>.</summary>
    public double Median(int count)
    {
        double[] values = [.. _entries.Skip(_entries.Count - count).Select(e => e.Value)];
        Array.Sort(values);
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    private int CountIn(int iterations)
    {
        int count = 0;
        while (count < _entries.Count && _entries[^(count + 1)].Iteration > LatestIteration - iterations)
            count++;

        return count;
    }
}
