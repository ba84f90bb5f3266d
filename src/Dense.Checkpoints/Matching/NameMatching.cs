using Dense.Checkpoints.Conversion;

namespace Dense.Checkpoints.Matching;

/// <summary>
/// Finds which tensor of a file belongs to which of a model, when the file's names lack the model's prefixes (E-57,
/// M-132): a name matches when it equals the model's name or the end of it behind a dot, and the longest one wins.
/// </summary>
/// <param name="Matches">In the order of the model's names, sorted.</param>
/// <param name="ShapeMismatches">Names that match but whose shapes differ, by the model's names; not loaded.</param>
/// <param name="Unmatched">Names of the file that no tensor of the model takes, in the file's order.</param>
public sealed record NameMatching(
    IReadOnlyList<NameMatch> Matches, IReadOnlyList<ShapeMismatch> ShapeMismatches, IReadOnlyList<string> Unmatched)
{
    /// <summary>Modules of the model that got tensors of one module of the file, for the log (E-58).</summary>
    public int Groups => Matches.Select(match => (Module(match.ModelName), Module(match.FileName))).Distinct().Count();

    /// <summary>
    /// What the matched names of the model begin with: <c>backbone.bottom_up</c>; empty when nothing.
    /// </summary>
    public string CommonPrefix
    {
        get
        {
            string[] common = Matches.Count == 0 ? [] : Matches[0].ModelName.Split('.')[..^1];
            foreach (NameMatch match in Matches)
            {
                string[] parts = match.ModelName.Split('.');
                common = common[..common.Zip(parts).TakeWhile(pair => pair.First == pair.Second).Count()];
            }

            return string.Join('.', common);
        }
    }

    /// <summary>Matches a file's tensors with a model's.</summary>
    /// <param name="model">What the model has.</param>
    /// <param name="file">What the file has.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="CheckpointFormatException">One tensor of the file fits two of the model.</exception>
    public static NameMatching Find(
        IEnumerable<TensorLayout> model, IReadOnlyCollection<TensorLayout> file, string path)
    {
        var found = file.ToDictionary(layout => layout.Name, StringComparer.Ordinal);
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        List<NameMatch> matches = [];
        List<ShapeMismatch> mismatches = [];
        foreach (TensorLayout wanted in model.OrderBy(layout => layout.Name, StringComparer.Ordinal))
        {
            if (LongestEnd(wanted.Name, found) is not { } layout)
                continue;

            if (!layout.Shape.SequenceEqual(wanted.Shape))
            {
                mismatches.Add(new ShapeMismatch(wanted.Name, layout.Shape, wanted.Shape, layout.Name));
                continue;
            }

            if (!taken.TryAdd(layout.Name, wanted.Name))
            {
                throw new CheckpointFormatException(path, $"ambiguous: '{layout.Name}' fits both "
                    + $"'{taken[layout.Name]}' and '{wanted.Name}' of the model. Rename it in the file.");
            }

            matches.Add(new NameMatch(layout.Name, wanted.Name));
        }

        var unmatched = file.Select(layout => layout.Name).Where(name => !taken.ContainsKey(name));
        return new(matches, mismatches, [.. unmatched]);
    }

    private static TensorLayout? LongestEnd(string name, Dictionary<string, TensorLayout> found)
    {
        for (int start = 0; ; start = name.IndexOf('.', start) + 1)
        {
            if (found.TryGetValue(name[start..], out TensorLayout? layout))
                return layout;
            if (name.IndexOf('.', start) < 0)
                return null;
        }
    }

    private static string Module(string name) => name[..Math.Max(0, name.LastIndexOf('.'))];
}
