using Dense.Checkpoints.Conversion;

namespace Dense.Pretraining.State;

/// <summary>What happened when a state dictionary was loaded.</summary>
/// <param name="Names">What matched, and was taken over, and what did not; entries that miss keep their values.</param>
/// <param name="Warnings">Sentences for the log.</param>
public sealed record StateLoadReport(LoadReport Names, IReadOnlyList<string> Warnings)
{
    /// <summary>Whether every name matched: nothing missing, nothing unknown.</summary>
    public bool IsComplete => Names.IsComplete && Names.Unexpected.Count == 0;

    /// <summary>Throws unless every name matched (R16).</summary>
    /// <param name="source">The file's name, for the message.</param>
    /// <exception cref="StateMismatchException">Something did not match.</exception>
    public StateLoadReport RequireComplete(string source)
    {
        if (IsComplete)
            return this;

        throw new StateMismatchException(
            $"{source}: the weights do not fit the model, whose names must all match. {Names.ToText()}\n"
            + "Check that depth, neck and queue of the configuration are those the file was made with.");
    }
}
