namespace Dense.Pretraining.State;

/// <summary>What happened when a state dictionary was loaded.</summary>
/// <param name="Loaded">Entries that were taken over.</param>
/// <param name="Missing">Entries of the model that the file lacks; they keep their values.</param>
/// <param name="Unexpected">Names in the file that the model does not have.</param>
/// <param name="Mismatched">Entries of the same name but another shape, each with both shapes; not taken over.</param>
/// <param name="Warnings">Sentences for the log.</param>
public sealed record StateLoadReport(
    IReadOnlyList<string> Loaded,
    IReadOnlyList<string> Missing,
    IReadOnlyList<string> Unexpected,
    IReadOnlyList<string> Mismatched,
    IReadOnlyList<string> Warnings)
{
    /// <summary>Whether every name matched.</summary>
    public bool IsComplete => Missing.Count == 0 && Unexpected.Count == 0 && Mismatched.Count == 0;

    /// <summary>Throws unless every name matched (R16).</summary>
    /// <param name="source">The file's name, for the message.</param>
    /// <exception cref="StateMismatchException">Something did not match.</exception>
    public StateLoadReport RequireComplete(string source)
    {
        if (IsComplete)
            return this;

        throw new StateMismatchException(
            $"{source}: the weights do not fit the model. {Loaded.Count} entries match; "
            + $"{Missing.Count} of the model are missing{First(Missing)}; {Unexpected.Count} in the file are unknown"
            + $"{First(Unexpected)}; {Mismatched.Count} have another shape{First(Mismatched)}. "
            + "Check that depth, neck and queue of the configuration are those the file was made with.");
    }

    private static string First(IReadOnlyList<string> names) =>
        names.Count == 0 ? "" : $" (first: {names[0]})";
}
