using ScottPlot;

namespace Dense.Cli.Quickstart;

/// <summary>Draws curves and bars.</summary>
internal static class QuickstartCharts
{
    private const int Width = 900, Height = 380;

    // Whatever the machine shows as such.
    private const string FontName = "sans-serif";

    private static readonly Color[] Colors =
        [Color.FromHex("#8a8f98"), Color.FromHex("#d98218"), Color.FromHex("#2364aa")];

    /// <summary>Draws the losses of several trainings.</summary>
    public static void SaveCurves(IReadOnlyList<LossCurve> curves, string title, string path)
    {
        using var plot = new Plot();
        foreach (LossCurve curve in curves)
        {
            var line = plot.Add.Scatter(curve.Iterations, curve.Losses);
            line.LegendText = curve.Name;
            line.Color = ColorOf(curve.Name);
            line.MarkerSize = 0;
            line.LineWidth = 2;
        }

        plot.Title(title);
        plot.XLabel("iteration");
        plot.YLabel("loss");
        plot.Font.Set(FontName);
        plot.ShowLegend(Edge.Right);
        plot.SavePng(path, Width, Height);
    }

    /// <summary>Draws the average precisions as bars with their ranges over the seeds.</summary>
    public static void SaveBars(QuickstartResults results, string path)
    {
        using var plot = new Plot();
        var groups = new List<Tick>();
        double left = 0, highest = 0;
        foreach (bool isFrozen in (bool[])[false, true])
        {
            foreach (QuickstartDetector detector in QuickstartDetector.All)
            {
                groups.Add(new Tick(left + 1, $"{detector.Figure}\n{QuickstartTables.BlockTitle(isFrozen)}"));
                foreach (StartingWeights weights in StartingWeights.All)
                {
                    Spread ap = results.Of(weights, detector, isFrozen);
                    AddBar(plot, left++, ap, ColorOf(weights.Title));
                    highest = Math.Max(highest, ap.Values.Max());
                }

                left++;
            }
        }

        foreach (StartingWeights weights in StartingWeights.All)
        {
            plot.Legend.ManualItems.Add(
                new LegendItem { LabelText = weights.Title, FillColor = ColorOf(weights.Title) });
        }

        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. groups]);
        plot.Axes.Bottom.MajorTickStyle.Length = 0;
        plot.HideGrid();
        plot.YLabel("AP, %");
        plot.Font.Set(FontName);
        plot.ShowLegend(Edge.Right);
        plot.Axes.SetLimits(-1, left - 1, 0, Math.Max(1, 1.15 * highest));
        plot.SavePng(path, Width, Height);
    }

    private static void AddBar(Plot plot, double position, Spread ap, Color color)
    {
        plot.Add.Bar(new Bar { Position = position, Value = ap.Mean, FillColor = color, LineWidth = 0 });
        if (ap.Values.Count > 1)
            plot.Add.Line(position, ap.Values.Min(), position, ap.Values.Max()).Color = Colors[0].Darken(0.5);

        var label = plot.Add.Text(
            ap.Mean.ToString("F1", System.Globalization.CultureInfo.InvariantCulture), position, ap.Values.Max());
        label.LabelAlignment = Alignment.LowerCenter;
        label.LabelFontColor = Color.FromHex("#222222");
    }

    private static Color ColorOf(string weights) =>
        Colors[StartingWeights.All.TakeWhile(w => w.Title != weights).Count() % Colors.Length];
}
