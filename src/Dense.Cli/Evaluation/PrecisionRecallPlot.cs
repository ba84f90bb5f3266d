using System.Globalization;
using System.Text;
using Dense.Coco.Evaluation;

namespace Dense.Cli.Evaluation;

/// <summary>Draws precision over recall, one curve for each IoU threshold.</summary>
internal static class PrecisionRecallPlot
{
    private const int Width = 560;
    private const int Height = 340;
    private const int Left = 50;
    private const int Bottom = 40;

    public static string Svg(EvaluationResult result)
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Width + 130} {Height + Bottom + 10}\" width=\"{Width + 130}\" ")
            .Append("font-family=\"system-ui,sans-serif\" font-size=\"12\" role=\"img\" aria-label=\"Precision over "
                + "recall\">");
        Axes(svg);
        int count = result.Arrays.IouCount;
        for (int t = 0; t < count; t++)
        {
            string colour = string.Create(
                CultureInfo.InvariantCulture, $"hsl({220 - 200 * t / Math.Max(1, count - 1)},70%,45%)");
            svg.Append(CultureInfo.InvariantCulture,
                $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\" points=\"{Points(result, t)}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Width + 20}\" y=\"{24 + 18 * t}\" "
                + $"fill=\"{colour}\">IoU {result.Settings.IouThresholds[t]:0.00}</text>");
        }

        return svg.Append("</svg>").ToString();
    }

    private static void Axes(StringBuilder svg)
    {
        for (int i = 0; i <= 5; i++)
        {
            double x = X(i / 5.0), y = Y(i / 5.0);
            svg.Append(CultureInfo.InvariantCulture,
                $"<path d=\"M{x:0} {Y(0):0}V{Y(1):0}M{X(0):0} {y:0}H{X(1):0}\" stroke=\"#ddd\"/>");
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{x:0}\" y=\"{Y(0) + 16:0}\" text-anchor=\"middle\">{i / 5.0:0.0}</text>");
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{Left - 8}\" y=\"{y + 4:0}\" text-anchor=\"end\">{i / 5.0:0.0}</text>");
        }

        svg.Append(CultureInfo.InvariantCulture,
            $"<text x=\"{X(0.5):0}\" y=\"{Height + Bottom + 2}\" text-anchor=\"middle\">recall</text>");
        svg.Append(CultureInfo.InvariantCulture,
            $"<text transform=\"translate(14 {Y(0.5):0}) rotate(-90)\" text-anchor=\"middle\">precision</text>");
    }

    private static string Points(EvaluationResult result, int threshold)
    {
        EvaluationArrays arrays = result.Arrays;
        var points = new StringBuilder();
        for (int r = 0; r < arrays.RecallCount; r++)
        {
            double[] values =
            [
                .. Enumerable.Range(0, arrays.CategoryCount)
                    .Select(k => arrays.PrecisionAt(threshold, r, k, area: 0, arrays.LimitCount - 1))
                    .Where(p => p >= 0),
            ];
            if (values.Length > 0)
                points.Append(CultureInfo.InvariantCulture,
                    $"{X(result.Settings.RecallThresholds[r]):0.0},{Y(values.Average()):0.0} ");
        }

        return points.ToString();
    }

    private static double X(double recall) => Left + recall * (Width - Left);

    private static double Y(double precision) => Height - precision * (Height - 10);
}
