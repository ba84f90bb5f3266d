using Dense.Checkpoints.Conversion;

namespace Dense.Checkpoints.Matching;

/// <summary>What a file gives to a model: names and shapes decide, nothing is copied yet (E-57 to E-63).</summary>
/// <param name="State">The file's tensors by the model's names; those that fit nothing by their own.</param>
/// <param name="Matches">Which name became which; empty when names were taken as they are.</param>
/// <param name="Report">What the model gets and what is left over on both sides.</param>
/// <param name="Notes">What a person should know.</param>
/// <param name="Warnings">What deserves a look, shapes that differ among it (E-57, E-62).</param>
public sealed record MatchedWeights(
    IReadOnlyDictionary<string, TensorRecord> State,
    IReadOnlyList<NameMatch> Matches,
    LoadReport Report,
    IReadOnlyList<string> Notes,
    IReadOnlyList<string> Warnings)
{
    private const string Backbone = "backbone.bottom_up.";
    private const string FirstConvolution = Backbone + "stem.conv1.weight";

    private static readonly string[] Statistics = [".running_mean", ".running_var"];

    /// <summary>Tensors of the backbone that were found, without counters.</summary>
    public int BackboneLoaded => Report.Matched.Count(IsBackbone);

    /// <summary>Tensors that the backbone has, without counters.</summary>
    public int BackboneCount => BackboneLoaded + NotLoaded.Count(IsBackbone);

    /// <summary>
    /// Norm layers of the backbone whose scale was found without statistics: these stay mean 0 and variance 1 (E-193).
    /// </summary>
    public int NormsWithoutStatistics => Report.Matched.Contains(FirstConvolution)
        ? Report.Missing.Count(name => IsBackbone(name) && IsStatistic(name)) / Statistics.Length
        : 0;

    /// <summary>One line: <c>loaded 265 of 265 backbone tensors</c> (E-192).</summary>
    public string Summary => $"loaded {BackboneLoaded} of {BackboneCount} backbone tensors, "
        + $"{Report.Matched.Count(name => !ResNetLayout.IsCounter(name) && !IsBackbone(name))} others; "
        + $"{NotLoaded.Count(name => !IsBackbone(name))} of the model's stay initialised, "
        + $"{Report.Unexpected.Count} of the file's are not used";

    private IEnumerable<string> NotLoaded => Report.Missing.Concat(Report.ShapeMismatches.Select(m => m.Name));

    /// <summary>Matches a file with a model.</summary>
    /// <param name="file">The file.</param>
    /// <param name="model">What the model has.</param>
    /// <exception cref="CheckpointFormatException">One tensor of the file fits two of the model.</exception>
    public static MatchedWeights Match(DetectorWeightFile file, IReadOnlyList<TensorLayout> model)
    {
        List<string> notes = [.. file.Notes];
        NameMatching matching = file.MatchNames
            ? NameMatching.Find(model, file.Layouts, file.Path)
            : new NameMatching([], [], []);
        if (matching.Matches.Count > 0)
        {
            notes.Add($"{matching.Matches.Count} tensors in {matching.Groups} groups match under "
                + matching.CommonPrefix);
        }

        var names = matching.Matches.ToDictionary(m => m.FileName, m => m.ModelName, StringComparer.Ordinal);
        var state = new OrderedDictionary<string, TensorRecord>(StringComparer.Ordinal);
        foreach (var (name, tensor) in file.Tensors)
            state[names.GetValueOrDefault(name, name)] = tensor;

        LoadReport report = LoadReport.Compare(
            model, state.Select(entry => TensorLayout.Of(entry.Key, entry.Value)), MayBeMissing);
        report = WithShapes(WithoutConstants(report), matching.ShapeMismatches);
        List<string> warnings = [.. file.Warnings, .. report.ShapeMismatches.Select(m => $"not loaded: {m}")];
        if (!report.Matched.Any(IsBackbone))
        {
            string what = report.Matched.Count == 0 ? "model" : "its backbone";
            warnings.Add($"no weights in checkpoint matched with {what}");
        }

        return new MatchedWeights(state, matching.Matches, report, notes, warnings);
    }

    /// <summary>
    /// Insists that the whole backbone was found; statistics of norms whose scale was found may lack.
    /// </summary>
    /// <param name="path">The file, for the message.</param>
    /// <exception cref="CheckpointFormatException">A part is missing (E-192, R16).</exception>
    public void RequireBackbone(string path)
    {
        string[] missing =
        [
            .. Report.Missing.Where(name => IsBackbone(name) && !IsStatistic(name)),
            .. Report.ShapeMismatches.Where(mismatch => IsBackbone(mismatch.Name)).Select(m => m.ToString()),
        ];
        if (missing.Length > 0)
            throw Refuse(path, $"{Summary}. Not found for the backbone: {Some(missing)}.");
    }

    /// <summary>Insists that everything the model has was found, for a run that only evaluates (E-192).</summary>
    /// <param name="path">The file, for the message.</param>
    /// <exception cref="CheckpointFormatException">A part is missing.</exception>
    public void RequireAll(string path)
    {
        string[] missing =
        [
            .. Report.Missing.Where(name => !IsStatistic(name)), .. Report.ShapeMismatches.Select(m => m.ToString()),
        ];
        if (missing.Length > 0)
            throw Refuse(path, $"{Summary}. Not found for the model: {Some(missing)}.");
    }

    /// <summary>The table of names and shapes, one line per tensor, as long logs have it (E-58).</summary>
    public string MatchTable() => string.Join('\n', Matches.Select(
        m => $"{m.ModelName}  <-  {m.FileName}  [{string.Join(", ", State[m.ModelName].Shape)}]"));

    private static CheckpointFormatException Refuse(string path, string problem) => new(path,
        $"{problem} A run would begin from random weights there. Name a file that fits the configuration "
        + "(MODEL.RESNETS, MODEL.META_ARCHITECTURE), or accept it with --allow-missing-weights.");

    private static string Some(string[] names)
    {
        const int Most = 3;
        var groups = LoadReport.Group(names);
        return string.Join("; ", groups.Take(Most)) + (groups.Count > Most ? $" and {groups.Count - Most} more" : "");
    }

    // pixel_mean and pixel_std are part of the configuration, anchors are computed (E-63).
    private static bool MayBeMissing(string name) => ResNetLayout.IsCounter(name) || IsPixelConstant(name);

    private static bool IsPixelConstant(string name) => name is "pixel_mean" or "pixel_std";

    private static LoadReport WithoutConstants(LoadReport report) => report with
    {
        Unexpected =
        [
            .. report.Unexpected.Where(name => !IsPixelConstant(name)
                && !name.Contains("anchor_generator.cell_anchors", StringComparison.Ordinal)),
        ],
    };

    // What was matched by its end and has another shape stays under its own name, unused (E-57).
    private static LoadReport WithShapes(LoadReport report, IReadOnlyList<ShapeMismatch> shapes) => report with
    {
        ShapeMismatches = [.. report.ShapeMismatches, .. shapes],
        Missing = [.. report.Missing.Except(shapes.Select(shape => shape.Name))],
    };

    private static bool IsBackbone(string name) =>
        name.StartsWith(Backbone, StringComparison.Ordinal) && !ResNetLayout.IsCounter(name);

    private static bool IsStatistic(string name) =>
        Statistics.Any(ending => name.EndsWith(ending, StringComparison.Ordinal));
}
