using Dense.Training.Logging;

namespace Dense.Training.Metrics;

/// <summary>
/// The last values of each figure of a step, averaged for the log: the mean over the window, each value weighted by its
/// batch size (P-136).
/// </summary>
public sealed class MetricWindow
{
    private readonly int _capacity;
    private readonly List<string> _names = [];
    private readonly Dictionary<string, Queue<(double Value, double Weight)>> _values = [];

    /// <summary>Creates an empty window.</summary>
    /// <param name="capacity">How many of the latest values a mean covers.</param>
    public MetricWindow(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _capacity = capacity;
    }

    /// <summary>Takes in one value.</summary>
    /// <param name="name">The figure; the first use of a name fixes its place in <see cref="Means"/>.</param>
    /// <param name="value">The value of this step.</param>
    /// <param name="weight">Its weight, as a rule the number of images of the batch.</param>
    public void Add(string name, double value, double weight = 1)
    {
        if (!_values.TryGetValue(name, out var values))
        {
            _names.Add(name);
            _values[name] = values = new Queue<(double, double)>(_capacity);
        }

        if (values.Count == _capacity)
            values.Dequeue();

        values.Enqueue((value, weight));
    }

    /// <summary>Takes in the figures of one step.</summary>
    public void Add(IEnumerable<LogFigure> figures, double weight = 1)
    {
        foreach (LogFigure figure in figures)
            Add(figure.Name, figure.Value, weight);
    }

    /// <summary>The mean of one figure; NaN when it has no values.</summary>
    public double Mean(string name)
    {
        double sum = 0, weights = 0;
        foreach (var (value, weight) in _values.GetValueOrDefault(name) ?? [])
        {
            sum += value * weight;
            weights += weight;
        }

        return sum / weights;
    }

    /// <summary>The means of all figures, in the order of their first appearance.</summary>
    public IReadOnlyList<LogFigure> Means() => [.. _names.Select(n => new LogFigure(n, Mean(n)))];

    /// <summary>Forgets everything; done at the start of each epoch (P-129).</summary>
    public void Clear()
    {
        _names.Clear();
        _values.Clear();
    }
}
