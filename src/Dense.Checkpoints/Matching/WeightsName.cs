namespace Dense.Checkpoints.Matching;

/// <summary>What MODEL.WEIGHTS says: where a file is, and whether its names are to be matched (E-39, E-41).</summary>
/// <param name="Location">A path or an address.</param>
/// <param name="MatchNames">Whether it ended in <c>?matching_heuristics=True</c>.</param>
public sealed record WeightsName(string Location, bool MatchNames)
{
    private const string Query = "matching_heuristics=";

    /// <summary>Takes a name apart.</summary>
    /// <exception cref="CheckpointFormatException">It ends in another query.</exception>
    public static WeightsName Parse(string name)
    {
        int mark = name.LastIndexOf('?');
        if (mark < 0)
            return new(name, MatchNames: false);

        string query = name[(mark + 1)..];
        return query switch
        {
            Query + "True" => new(name[..mark], MatchNames: true),
            Query + "False" => new(name[..mark], MatchNames: false),

            // An address may need its query; a path with a question mark is a mistake.
            _ when name.Contains("://", StringComparison.Ordinal) => new(name, MatchNames: false),
            _ => throw new CheckpointFormatException(name,
                $"expected '?{Query}True' or nothing behind the file name, found '?{query}'."),
        };
    }
}
