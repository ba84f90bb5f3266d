namespace Dense.Training.Detection.Logging;

/// <summary>The figures of a run by name, in the order of their first appearance (E-156).</summary>
public sealed class ScalarStore
{
    /// <summary>Iterations that smoothed figures cover, and iterations between two log points.</summary>
    public const int Window = 20;

    private readonly OrderedDictionary<string, ScalarHistory> _histories = new(StringComparer.Ordinal);

    /// <summary>All figures.</summary>
    public IReadOnlyDictionary<string, ScalarHistory> Histories => _histories;

    /// <summary>One figure; null before its first value.</summary>
    public ScalarHistory? Find(string name) => _histories.GetValueOrDefault(name);

    /// <summary>Takes in a value.</summary>
    /// <param name="name">The figure.</param>
    /// <param name="value">Its value.</param>
    /// <param name="iteration">When.</param>
    /// <param name="smooth">Whether logs show medians of it; the first call for a name decides.</param>
    public void Put(string name, double value, long iteration, bool smooth = true)
    {
        if (!_histories.TryGetValue(name, out ScalarHistory? history))
            _histories.Add(name, history = new ScalarHistory(smooth));

        history.Put(value, iteration);
    }

    /// <summary>What logs show of every figure whose newest value is younger than an iteration (E-163,
    /// E-167).</summary>
    /// <param name="after">The newest iteration that was written already.</param>
    public IEnumerable<(string Name, double Value, long Iteration)> Newer(long after) =>
        _histories.Where(h => h.Value.LatestIteration > after).Select(h => (
            h.Key,
            h.Value.IsSmooth ? h.Value.WindowMedian(Window) : h.Value.Latest,
            h.Value.LatestIteration));
}
