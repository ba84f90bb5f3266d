using System.Text.Json;
using System.Text.RegularExpressions;

namespace Dense.Cli.Quickstart;

/// <summary>The loss of a training over its iterations.</summary>
/// <param name="Name">Which training.</param>
/// <param name="Iterations">Ascending.</param>
/// <param name="Losses">The total loss at each.</param>
internal sealed partial record LossCurve(string Name, double[] Iterations, double[] Losses)
{
    /// <summary>From the JSON log of a pre-training.</summary>
    public static LossCurve OfPretraining(string name, string folder)
    {
        string log = Directory.GetFiles(folder, "*.log.json").Order(StringComparer.Ordinal).Last();
        double[] losses = [.. Lines(log).Select(l => Number(l, "loss")).OfType<double>()];
        double interval = Lines(log).Select(l => Number(l, "iter")).OfType<double>().FirstOrDefault(1);
        return new LossCurve(name, [.. losses.Select((_, i) => (i + 1) * interval)], losses);
    }

    /// <summary>From <c>metrics.json</c> of a detector's training.</summary>
    public static LossCurve OfFineTuning(string name, string folder)
    {
        (double Iteration, double Loss)[] points =
        [
            .. from line in Lines(Path.Combine(folder, "metrics.json"))
               let loss = Number(line, "total_loss")
               where loss is not null
               select (Number(line, "iteration")!.Value + 1, loss.Value),
        ];
        return new LossCurve(name, [.. points.Select(p => p.Iteration)], [.. points.Select(p => p.Loss)]);
    }

    /// <summary>The last value of a figure in <c>metrics.json</c>; null when nothing was detected.</summary>
    public static double? LastFigure(string folder, string name) => Lines(Path.Combine(folder, "metrics.json"))
        .Select(l => Number(l, name)).LastOrDefault(v => v is not null);

    // A log of the reference, or one of --nan-as-token, has words that are no JSON (E-171).
    private static IEnumerable<JsonElement> Lines(string path) => File.ReadLines(path)
        .Select(line => JsonDocument.Parse(BareWord().Replace(line, "null")).RootElement);

    [GeneratedRegex(@"(?<=: )(NaN|-?Infinity)(?=[,}])")]
    private static partial Regex BareWord();

    private static double? Number(JsonElement line, string name) =>
        line.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number
            ? value.GetDouble()
            : null;
}
