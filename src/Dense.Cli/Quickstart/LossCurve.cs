using Dense.Training.Logging;
using ScottPlot;

namespace Dense.Cli.Quickstart;

/// <summary>Collects the losses of a training and plots them.</summary>
internal sealed class LossCurve(string name) : ILogSink
{
    private readonly List<double> _steps = [];
    private readonly Dictionary<string, List<double>> _losses = [];

    public string Name { get; } = name;

    /// <summary>The total loss at the last log point.</summary>
    public double Last => _losses["loss"][^1];

    public void Begin(RunDescription run)
    {
    }

    public void Write(LogPoint point)
    {
        _steps.Add(point.CompletedIterations);
        foreach (LogFigure loss in point.Losses)
        {
            if (!_losses.TryGetValue(loss.Name, out var values))
                _losses[loss.Name] = values = [];

            values.Add(loss.Value);
        }
    }

    public void WriteEvaluation(long completedIterations, int epoch, IReadOnlyList<LogFigure> figures)
    {
    }

    public void Note(LogLevel level, string message)
    {
    }

    public void Dispose()
    {
    }

    /// <summary>One picture with the curves of several trainings.</summary>
    public static void Save(IEnumerable<LossCurve> curves, string path)
    {
        using var plot = new Plot();
        foreach (LossCurve curve in curves)
        {
            foreach (var (term, values) in curve._losses)
            {
                var line = plot.Add.Scatter(curve._steps.ToArray(), values.ToArray());
                line.LegendText = $"{curve.Name} {term}";
                line.MarkerSize = 0;
                line.LineWidth = term == "loss" ? 2.5f : 1.2f;
            }
        }

        plot.XLabel("step");
        plot.YLabel("loss");
        plot.ShowLegend(Edge.Right);
        plot.SavePng(path, 1100, 480);
    }
}
