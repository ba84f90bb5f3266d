namespace Dense.Distributed;

/// <summary>
/// A rank died, fell silent, did not come in time, or cannot be reached any more: another attempt may succeed. The
/// message names the rank and the operation.
/// </summary>
public sealed class RankLostException : CollectiveException
{
    /// <summary>Creates the exception.</summary>
    public RankLostException(string message)
        : base(message)
    {
    }
}
