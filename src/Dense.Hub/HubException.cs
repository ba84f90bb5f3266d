namespace Dense.Hub;

/// <summary>
/// A published model could not be had, or its file is not what it should be; the message says what to do.
/// </summary>
public sealed class HubException : Exception
{
    /// <summary>Creates the exception.</summary>
    public HubException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
