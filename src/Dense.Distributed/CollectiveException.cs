namespace Dense.Distributed;

/// <summary>
/// The ranks cannot go on together, such as when one diverged or their copies of the model differ; the message names
/// the rank. Nothing can be exchanged after it; the process should end.
/// </summary>
public class CollectiveException : Exception
{
    /// <summary>Creates the exception.</summary>
    public CollectiveException(string message)
        : base(message)
    {
    }
}
