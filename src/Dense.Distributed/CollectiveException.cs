namespace Dense.Distributed;

/// <summary>
/// The ranks lost each other: one failed, died, fell silent or did not come in time. The message names the rank and the
/// operation. Nothing can be exchanged after it; the process should end.
/// </summary>
public sealed class CollectiveException : Exception
{
    /// <summary>Creates the exception.</summary>
    public CollectiveException(string message)
        : base(message)
    {
    }
}
