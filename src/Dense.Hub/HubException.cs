namespace Dense.Hub;

/// <summary>A published model could not be had, or a file is not what it should be. The message says what to do.</summary>
public sealed class HubException : Exception
{
    /// <summary>Creates the exception.</summary>
    public HubException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
